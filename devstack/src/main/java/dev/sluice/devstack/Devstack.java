package dev.sluice.devstack;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A set of servers, started together and ended together: what {@code sluice up} and {@code sluice
 * demo} run on.
 *
 * <p>Safe for any thread. When one server does not start, none is left running.
 */
public final class Devstack implements AutoCloseable {
  private final Map<Part, DevstackServer> servers;

  /** What can be started, with the port that clients try first. */
  public enum Part {
    /** A Kafka cluster. */
    KAFKA("Kafka cluster", 9092),
    /** A registry with the Confluent API. */
    SCHEMA_REGISTRY("schema registry", 8081),
    /** An S3 service. */
    OBJECT_STORE("object store", 9000),
    /** An HTTP server over a folder of images. */
    IMAGE_SERVER("image server", 8000);

    private final String title;
    private final int port;

    Part(String title, int port) {
      this.title = title;
      this.port = port;
    }

    /** How people call it. */
    public String title() {
      return title;
    }

    /** The port that clients try first. */
    public int wellKnownPort() {
      return port;
    }
  }

  /**
   * What to start.
   *
   * @param parts which servers
   * @param kafkaNodes 1 or 3
   * @param tuning what the brokers' JVMs are good at
   * @param images what the image server serves
   * @param ports what they listen on, where that is free; any free ports for those left out
   */
  public record Options(
      Set<Part> parts,
      int kafkaNodes,
      KafkaSettings.Tuning tuning,
      Path images,
      Map<Part, Integer> ports) {
    /** Copies the collections. */
    public Options {
      parts = Set.copyOf(parts);
      ports = Map.copyOf(ports);
    }

    private int port(Part part) {
      return ports.getOrDefault(part, 0);
    }
  }

  private Devstack(Map<Part, DevstackServer> servers) {
    this.servers = Collections.unmodifiableMap(servers);
  }

  /**
   * Starts servers, all at once, and waits until every one answers.
   *
   * @param progress told in a line each what starts and what is ready where; never by two threads
   *     at once
   * @throws ServerException when one of them does not start
   */
  public static Devstack launch(Options options, Consumer<String> progress) {
    Progress told = new Progress(progress);
    Map<Part, CompletableFuture<DevstackServer>> starting = new EnumMap<>(Part.class);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Part part : options.parts()) {
        starting.put(
            part, CompletableFuture.supplyAsync(() -> launch(part, options, told), threads));
      }
    } // Closing waits for all of them.
    Map<Part, DevstackServer> servers = new EnumMap<>(Part.class);
    List<Throwable> failures = new ArrayList<>();
    starting.forEach((part, server) -> {
      if (server.state() == Future.State.SUCCESS) {
        servers.put(part, server.resultNow());
      } else {
        failures.add(server.exceptionNow());
      }
    });
    Devstack devstack = new Devstack(servers);
    if (failures.isEmpty()) {
      return devstack;
    }
    devstack.close();
    ServerException failure =
        new ServerException(String.valueOf(failures.getFirst().getMessage()), failures.getFirst());
    failures.stream().skip(1).forEach(failure::addSuppressed);
    throw failure;
  }

  /** The cluster. */
  public KafkaCluster kafka() {
    return started(Part.KAFKA, KafkaCluster.class);
  }

  /** The registry. */
  public SchemaRegistry schemaRegistry() {
    return started(Part.SCHEMA_REGISTRY, SchemaRegistry.class);
  }

  /** The object store. */
  public ObjectStore objectStore() {
    return started(Part.OBJECT_STORE, ObjectStore.class);
  }

  /** The image server. */
  public ImageServer imageServer() {
    return started(Part.IMAGE_SERVER, ImageServer.class);
  }

  /** What was started and where it answers, in the order of {@link Part}. */
  public Map<Part, String> addresses() {
    Map<Part, String> addresses = new EnumMap<>(Part.class);
    servers.forEach((part, server) -> addresses.put(part, server.address()));
    return addresses;
  }

  /** Ends all of them and deletes their data. */
  @Override
  public void close() {
    servers.values().forEach(DevstackServer::close);
  }

  private <T> T started(Part part, Class<T> type) {
    DevstackServer server = servers.get(part);
    if (server == null) {
      throw new IllegalStateException("this devstack was started without its " + part.title());
    }
    return type.cast(server);
  }

  private static DevstackServer launch(Part part, Options options, Progress progress) {
    long begin = System.nanoTime();
    progress.tell("starting the " + part.title());
    int port = options.port(part);
    DevstackServer server =
        switch (part) {
          case KAFKA ->
              KafkaCluster.launch(new KafkaSettings(options.kafkaNodes(), port, options.tuning()));
          case SCHEMA_REGISTRY -> SchemaRegistry.launch(port);
          case OBJECT_STORE -> ObjectStore.launch(port);
          case IMAGE_SERVER -> ImageServer.launch(options.images(), port);
        };
    double seconds = (System.nanoTime() - begin) / (double) TimeUnit.SECONDS.toNanos(1);
    progress.tell(
        "the %s is ready after %.1f s: %s".formatted(part.title(), seconds, server.address()));
    return server;
  }

  /** Tells a listener one thing at a time. */
  private static final class Progress {
    private final Consumer<String> listener;

    Progress(Consumer<String> listener) {
      this.listener = listener;
    }

    synchronized void tell(String line) {
      listener.accept(line);
    }
  }
}
