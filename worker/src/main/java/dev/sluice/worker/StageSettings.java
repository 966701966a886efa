package dev.sluice.worker;

import dev.sluice.worker.config.WorkerConfiguration;
import dev.sluice.worker.config.WorkerConfiguration.Ordering;
import dev.sluice.worker.config.WorkerConfiguration.S3Credentials;
import dev.sluice.worker.config.WorkerConfiguration.S3Endpoint;
import dev.sluice.worker.image.DecodeSettings;
import dev.sluice.worker.image.FetchSettings;
import dev.sluice.worker.image.S3Settings;
import dev.sluice.worker.inference.Instances;
import dev.sluice.worker.inference.MaxBatchSize;
import dev.sluice.worker.inference.RepositorySettings;
import dev.sluice.worker.inference.ServedModel;
import dev.sluice.worker.kafka.ConnectionSettings;
import dev.sluice.worker.kafka.Guarantee;
import dev.sluice.worker.kafka.IntakeSettings;
import dev.sluice.worker.kafka.Topics;
import dev.sluice.worker.ledger.Bounds;
import dev.sluice.worker.model.ByteBudget;
import dev.sluice.worker.retry.RetryPolicy;
import dev.sluice.worker.telemetry.HttpSettings;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The configuration in each stage's own terms, so that no stage knows how a worker is configured.
 */
final class StageSettings {
  private static final Duration FOR_EVER = Duration.ofDays(36_500);

  private StageSettings() {}

  static ConnectionSettings connection(WorkerConfiguration configuration) {
    WorkerConfiguration.Kafka kafka = configuration.kafka();
    return new ConnectionSettings(
        String.join(",", kafka.bootstrapServers()),
        kafka.schemaRegistryUrls().stream().map(URI::toString).collect(Collectors.joining(",")),
        kafka.groupId(),
        kafka.properties(),
        kafka.consumer(),
        kafka.producer());
  }

  static Topics topics(WorkerConfiguration configuration) {
    WorkerConfiguration.Topics topics = configuration.topics();
    return new Topics(topics.requests(), topics.results(), topics.deadLetters(), topics.retries());
  }

  static IntakeSettings intake(WorkerConfiguration configuration) {
    WorkerConfiguration.InFlight inFlight = configuration.inFlight();
    return new IntakeSettings(
        new Bounds(inFlight.maxRecords(), recordBytes(inFlight), inFlight.maxRunAhead()),
        configuration.commitInterval(),
        configuration.drainBudget(),
        maxHold(configuration),
        switch (configuration.ordering()) {
          case NONE -> new dev.sluice.worker.kafka.Ordering.None();
          case KEY -> new dev.sluice.worker.kafka.Ordering.ByKey(inFlight.maxPerKey());
        });
  }

  /**
   * Without retry topics there is nowhere to go, and with an order to keep a record must not leave.
   */
  private static Duration maxHold(WorkerConfiguration configuration) {
    boolean stays =
        configuration.topics().retries().isEmpty() || configuration.ordering() == Ordering.KEY;
    return stays ? FOR_EVER : configuration.inFlight().maxHold();
  }

  static Guarantee guarantee(WorkerConfiguration configuration) {
    return switch (configuration.delivery()) {
      case AT_LEAST_ONCE -> Guarantee.AT_LEAST_ONCE;
      case EXACTLY_ONCE -> Guarantee.EXACTLY_ONCE;
    };
  }

  static RetryPolicy retries(WorkerConfiguration configuration) {
    return new RetryPolicy(
        configuration.topics().retries(),
        switch (configuration.ordering()) {
          case NONE -> RetryPolicy.Place.TOPIC;
          case KEY -> RetryPolicy.Place.IN_PLACE;
        });
  }

  /**
   * One half of the bytes in flight is for records as they were read, the other for what is fetched
   * and decoded. They are apart because a record that holds bytes while it waits for more of the
   * same budget could wait for ever.
   */
  static long recordBytes(WorkerConfiguration.InFlight inFlight) {
    return Math.ceilDiv(inFlight.maxBytes(), 2);
  }

  /** The other half; see {@link #recordBytes}. */
  static ByteBudget imageBytes(WorkerConfiguration.InFlight inFlight) {
    return new ByteBudget(Math.ceilDiv(inFlight.maxBytes(), 2));
  }

  /**
   * @param models that the images are for: as many as are fetched at once may wait, and the next
   *     work of each decoding thread and each lane
   */
  static FetchSettings fetch(WorkerConfiguration.Images images, List<ServedModel> models) {
    WorkerConfiguration.Limits limits = images.limits();
    WorkerConfiguration.Addresses addresses = images.addresses();
    FetchSettings.Retries retries = FetchSettings.Retries.defaults();
    FetchSettings.Breaker breaker = FetchSettings.Breaker.defaults();
    return new FetchSettings(
        new FetchSettings.Limits(
            limits.maxBytes(),
            limits.timeout(),
            limits.connectTimeout(),
            limits.maxRedirects(),
            limits.maxConcurrent(),
            limits.maxConcurrentPerOrigin(),
            limits.maxConcurrent()
                + images.decodeThreads()
                + models.stream()
                    .mapToInt(model -> 2 * model.lanes().size() * model.maxBatchSize())
                    .sum()),
        new FetchSettings.Addresses(
            addresses.allow(), addresses.deny(), addresses.allowDowngrade()),
        images.fileRoots(),
        new FetchSettings.Retries(limits.attempts(), retries.window(), retries.firstDelay()),
        new FetchSettings.Breaker(
            breaker.window(),
            breaker.minimumCalls(),
            breaker.failurePercent(),
            images.outages().probeInterval(),
            images.outages().limit(),
            breaker.maxOrigins()),
        s3(images.s3()));
  }

  static DecodeSettings decode(WorkerConfiguration.Images images) {
    return new DecodeSettings(images.limits().maxPixels(), images.decodeThreads());
  }

  static RepositorySettings repository(WorkerConfiguration.Models models) {
    return new RepositorySettings(
        models.device(),
        switch (models.instances()) {
          case WorkerConfiguration.Instances.Auto() -> new Instances.Auto();
          case WorkerConfiguration.Instances.Fixed(int count) -> new Instances.Fixed(count);
        },
        switch (models.maxBatchSize()) {
          case WorkerConfiguration.MaxBatchSize.Auto() -> new MaxBatchSize.Auto();
          case WorkerConfiguration.MaxBatchSize.Fixed(int size) -> new MaxBatchSize.Fixed(size);
        },
        models.preferredBatchSizes(),
        models.maxQueueDelay(),
        models.maxCallDuration());
  }

  static HttpSettings http(WorkerConfiguration.Http http) {
    return new HttpSettings(http.host(), http.port());
  }

  private static S3Settings s3(WorkerConfiguration.S3 s3) {
    return new S3Settings(
        switch (s3.endpoint()) {
          case S3Endpoint.Aws() -> "";
          case S3Endpoint.At(URI url) -> url.toString();
        },
        s3.region(),
        s3.pathStyle(),
        switch (s3.credentials()) {
          case S3Credentials.DefaultChain() -> new S3Settings.Credentials.DefaultChain();
          case S3Credentials.AccessKey(var id, var secret) ->
              new S3Settings.Credentials.Static(id, secret.value());
        });
  }
}
