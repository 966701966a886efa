package dev.sluice.worker.config;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What one worker was told; immutable, valid once built, and printable: secrets do not show.
 *
 * @param workerId names this worker to people
 * @param commitInterval how often offsets of finished requests are committed
 * @param drainBudget how long a stopping worker finishes what it has begun
 */
public record WorkerConfiguration(
    String workerId,
    Kafka kafka,
    Topics topics,
    Delivery delivery,
    Ordering ordering,
    Images images,
    Models models,
    InFlight inFlight,
    Http http,
    Duration commitInterval,
    Duration drainBudget) {
  public WorkerConfiguration {
    requireNonNull(kafka, "kafka is null");
    requireNonNull(topics, "topics is null");
    requireNonNull(delivery, "delivery is null");
    requireNonNull(ordering, "ordering is null");
    requireNonNull(images, "images is null");
    requireNonNull(models, "models is null");
    requireNonNull(inFlight, "inFlight is null");
    requireNonNull(http, "http is null");
    requireNonNull(commitInterval, "commitInterval is null");
    requireNonNull(drainBudget, "drainBudget is null");
    if (workerId.isBlank()) {
      throw new IllegalArgumentException("worker_id is empty");
    }
    if (inFlight.maxBytes() < images.limits().maxBytes()) {
      throw new IllegalArgumentException(
          "in_flight.max_bytes ("
              + inFlight.maxBytes()
              + " bytes) is less than one image of images.max_bytes ("
              + images.limits().maxBytes()
              + " bytes)");
    }
  }

  /** What a reader of the results may rely on. */
  public enum Delivery {
    /** A result may be published twice after a crash or a rebalance, and is never lost. */
    AT_LEAST_ONCE,
    /** A read_committed reader sees each result once. */
    EXACTLY_ONCE
  }

  /** In which order results appear. */
  public enum Ordering {
    /** As they are finished. */
    NONE,
    /** Results of one key in the order of its requests. */
    KEY
  }

  /**
   * How to reach Kafka and the registry.
   *
   * @param properties settings for every client, untouched; may hold passwords
   * @param consumer settings for the consumer alone
   * @param producer settings for the producer alone
   */
  public record Kafka(
      List<String> bootstrapServers,
      List<URI> schemaRegistryUrls,
      String groupId,
      Map<String, String> properties,
      Map<String, String> consumer,
      Map<String, String> producer) {
    public Kafka {
      bootstrapServers = List.copyOf(bootstrapServers);
      schemaRegistryUrls = List.copyOf(schemaRegistryUrls);
      requireNonNull(groupId, "groupId is null");
      properties = Map.copyOf(properties);
      consumer = Map.copyOf(consumer);
      producer = Map.copyOf(producer);
    }

    /** Shows of the clients' settings the names alone, since the values may be secrets. */
    @Override
    public String toString() {
      return "Kafka[bootstrapServers="
          + bootstrapServers
          + ", schemaRegistryUrls="
          + schemaRegistryUrls.stream().map(URI::getHost).toList()
          + ", groupId="
          + groupId
          + ", properties="
          + new TreeSet<>(properties.keySet())
          + ", consumer="
          + new TreeSet<>(consumer.keySet())
          + ", producer="
          + new TreeSet<>(producer.keySet())
          + "]";
    }
  }

  /**
   * Names of the topics.
   *
   * @param retries the retry topics' delays, ascending
   */
  public record Topics(
      List<String> requests, String results, String deadLetters, List<Duration> retries) {
    public Topics {
      requests = List.copyOf(requests);
      retries = List.copyOf(retries);
      List<String> wrong = new ArrayList<>();
      if (requests.stream().distinct().count() != requests.size()) {
        wrong.add("topics.requests names a topic twice: " + requests);
      }
      if (requests.contains(results) || requests.contains(deadLetters)) {
        wrong.add(
            "topics.requests "
                + requests
                + " holds topics.results or topics.dead_letters: the worker would read what it"
                + " writes");
      }
      if (results.equals(deadLetters)) {
        wrong.add("topics.results and topics.dead_letters are the same topic: " + results);
      }
      if (!retries.equals(retries.stream().sorted().distinct().toList())) {
        wrong.add("topics.retries is not ascending: " + retries);
      }
      if (!wrong.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", wrong));
      }
    }
  }

  /**
   * Fetching and decoding.
   *
   * @param fileRoots folders below which {@code file:} may read
   */
  public record Images(
      Limits limits,
      Outages outages,
      Addresses addresses,
      List<Path> fileRoots,
      int decodeThreads,
      S3 s3) {
    public Images {
      requireNonNull(limits, "limits is null");
      requireNonNull(outages, "outages is null");
      requireNonNull(addresses, "addresses is null");
      fileRoots = List.copyOf(fileRoots);
      requireNonNull(s3, "s3 is null");
    }
  }

  /**
   * Bounds of one image and of its fetch.
   *
   * @param maxBytes of an encoded image
   * @param maxPixels width times height
   * @param timeout of the whole fetch, redirects and attempts in place included
   * @param connectTimeout of one connection
   * @param attempts in place, the first included
   * @param maxConcurrent fetches at once
   * @param maxConcurrentPerOrigin of these to one scheme, host and port, or bucket, or file root
   */
  public record Limits(
      long maxBytes,
      int maxPixels,
      Duration timeout,
      Duration connectTimeout,
      int attempts,
      int maxRedirects,
      int maxConcurrent,
      int maxConcurrentPerOrigin) {
    public Limits {
      requireNonNull(timeout, "timeout is null");
      requireNonNull(connectTimeout, "connectTimeout is null");
    }
  }

  /**
   * What becomes of requests whose origin is down for everybody.
   *
   * @param probeInterval how long it is left alone before one request tries it again
   * @param limit how long a request waits in all
   */
  public record Outages(Duration probeInterval, Duration limit) {
    public Outages {
      requireNonNull(probeInterval, "probeInterval is null");
      requireNonNull(limit, "limit is null");
    }
  }

  /**
   * Which addresses may be fetched.
   *
   * @param deny wins over allow
   * @param allowDowngrade whether https may redirect to http
   */
  public record Addresses(List<String> allow, List<String> deny, boolean allowDowngrade) {
    public Addresses {
      allow = List.copyOf(allow);
      deny = List.copyOf(deny);
    }
  }

  /** The store behind {@code s3:} addresses. */
  public record S3(
      S3Endpoint endpoint, String region, boolean pathStyle, S3Credentials credentials) {
    public S3 {
      requireNonNull(endpoint, "endpoint is null");
      requireNonNull(region, "region is null");
      requireNonNull(credentials, "credentials is null");
    }
  }

  /** Where the store is. */
  public sealed interface S3Endpoint {
    /** AWS's own for the region. */
    record Aws() implements S3Endpoint {}

    /** Another store that speaks S3. */
    record At(URI url) implements S3Endpoint {
      public At {
        requireNonNull(url, "url is null");
      }
    }
  }

  /** Who we are to the store. */
  public sealed interface S3Credentials {
    /** Whom AWS's default chain finds: environment, profile, instance. */
    record DefaultChain() implements S3Credentials {}

    /** This key. */
    record AccessKey(String id, Secret secret) implements S3Credentials {
      public AccessKey {
        if (id.isEmpty() || secret.value().isEmpty()) {
          throw new IllegalArgumentException(
              "images.s3.access_key_id and images.s3.secret_access_key belong together: set both or"
                  + " neither");
        }
      }
    }
  }

  /**
   * Which models, and how those run whose own {@code model.yaml} does not say.
   *
   * @param device auto, cpu, cuda, cuda:N, tensorrt or tensorrt:N
   */
  public record Models(
      Path repository,
      DefaultModel defaultModel,
      String device,
      Instances instances,
      MaxBatchSize maxBatchSize,
      List<Integer> preferredBatchSizes,
      Duration maxQueueDelay,
      Duration maxCallDuration) {
    public Models {
      requireNonNull(repository, "repository is null");
      requireNonNull(defaultModel, "defaultModel is null");
      requireNonNull(device, "device is null");
      requireNonNull(instances, "instances is null");
      requireNonNull(maxBatchSize, "maxBatchSize is null");
      preferredBatchSizes = List.copyOf(preferredBatchSizes);
      for (int size : preferredBatchSizes) {
        if (maxBatchSize instanceof MaxBatchSize.Fixed(int largest) && size > largest) {
          throw new IllegalArgumentException(
              "models.preferred_batch_size "
                  + size
                  + " is more than models.max_batch_size "
                  + largest);
        }
      }
      requireNonNull(maxQueueDelay, "maxQueueDelay is null");
      requireNonNull(maxCallDuration, "maxCallDuration is null");
    }
  }

  /** The largest batch of a model that says nothing itself. */
  public sealed interface MaxBatchSize {
    /** What suits its device and its cost. */
    record Auto() implements MaxBatchSize {}

    /** So many. */
    record Fixed(int size) implements MaxBatchSize {}
  }

  /** How many lanes a model has that does not say so itself. */
  public sealed interface Instances {
    /** What suits its device. */
    record Auto() implements Instances {}

    /** So many. */
    record Fixed(int count) implements Instances {}
  }

  /** The model for requests that name none. */
  public sealed interface DefaultModel {
    /** The repository's only one. */
    record OnlyOne() implements DefaultModel {}

    /** This one. */
    record Named(String name) implements DefaultModel {
      public Named {
        requireNonNull(name, "name is null");
      }
    }
  }

  /**
   * How much the worker takes on at a time.
   *
   * @param maxHold how long a record may hold back the commits of its partition
   * @param maxPerKey how many requests of one key, where results keep their order
   */
  public record InFlight(
      int maxRecords, long maxBytes, int maxRunAhead, Duration maxHold, int maxPerKey) {
    public InFlight {
      requireNonNull(maxHold, "maxHold is null");
    }
  }

  /**
   * Where the worker listens.
   *
   * @param port 0 for any free one
   */
  public record Http(String host, int port) {
    public Http {
      requireNonNull(host, "host is null");
    }
  }
}
