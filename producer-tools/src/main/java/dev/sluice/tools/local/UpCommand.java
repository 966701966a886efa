package dev.sluice.tools.local;

import dev.sluice.devstack.Assets;
import dev.sluice.devstack.Devstack;
import dev.sluice.devstack.Devstack.Part;
import dev.sluice.devstack.KafkaSettings;
import dev.sluice.devstack.ObjectStore;
import dev.sluice.devstack.Ports;
import dev.sluice.devstack.ServerException;
import dev.sluice.tools.CommandException;
import dev.sluice.tools.ExitCode;
import dev.sluice.tools.OutputOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sluice up}. */
@Command(
    name = "up",
    description = {
      "Run the whole system on this machine until Ctrl-C: broker, registry, image server, workers.",
      "Creates the topics, registers the schemas and prints every address. Listens on the loopback"
          + " address only; what the broker held is gone afterwards."
    },
    footer = {
      "",
      "Ctrl-C and SIGTERM let the workers finish what they have begun, stop everything and end with"
          + " exit code 0; a second Ctrl-C ends everything at once. Exit code 1 when something does"
          + " not start or ends on its own."
    })
public final class UpCommand implements Callable<Integer> {
  private static final String BUCKET = "images";
  private static final List<String> JVM_OPTIONS = List.of("-Xmx1g");

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description =
          "What the image server serves, and where file: addresses may point (default: the"
              + " demo's photographs).")
  private List<Path> images = List.of();

  @Option(
      names = "--models",
      paramLabel = "DIR",
      description = "The workers' model repository (default: the demo's, which reads text).")
  private List<Path> models = List.of();

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many workers; 0 for none (default: ${DEFAULT-VALUE}).")
  private int workers;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "4",
      description = "Partitions of each topic (default: ${DEFAULT-VALUE}).")
  private int partitions;

  @Option(
      names = "--allow",
      paramLabel = "PATTERN",
      description =
          "A further address that workers may fetch from, such as https://*.example.com"
              + " (images.allow). Repeatable.")
  private List<String> allow = List.of();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A setting for the workers, as in docs/configuration.md. Repeatable.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(names = "--object-store", description = "Start an S3 service with a bucket 'images' too.")
  private boolean objectStore;

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      defaultValue = "9092",
      description = "The broker's port (default: ${DEFAULT-VALUE}).")
  private int kafkaPort;

  @Option(
      names = "--registry-port",
      paramLabel = "PORT",
      defaultValue = "8081",
      description = "The registry's port (default: ${DEFAULT-VALUE}).")
  private int registryPort;

  @Option(
      names = "--images-port",
      paramLabel = "PORT",
      defaultValue = "8000",
      description = "The image server's port (default: ${DEFAULT-VALUE}).")
  private int imagesPort;

  @Option(
      names = "--object-store-port",
      paramLabel = "PORT",
      defaultValue = "9000",
      description = "The object store's port (default: ${DEFAULT-VALUE}).")
  private int objectStorePort;

  @Option(
      names = "--worker-port",
      paramLabel = "PORT",
      defaultValue = "8080",
      description =
          "Port of the first worker's status page (default: ${DEFAULT-VALUE}); the others"
              + " choose free ones.")
  private int workerPort;

  @Mixin private OutputOptions output;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Map<Part, Integer> ports = ports();
    Path served = folder("--images", images, Assets.photographs());
    Path repository = folder("--models", models, Assets.models());
    if (workers < 0) {
      throw CommandException.usage("--workers must not be negative");
    }
    Stopwatch stopwatch = new Stopwatch(System::nanoTime, output::progress);
    StopSwitch stop = StopSwitch.install(ExitCode.DONE, stopwatch::tell);
    Devstack.Options options =
        new Devstack.Options(ports.keySet(), 1, KafkaSettings.Tuning.THROUGHPUT, served, ports);
    try (LocalSystem system =
        LocalSystem.start(options, partitions, LocalSystem.RETRIES, stopwatch::tell)) {
      if (objectStore) {
        system.servers().objectStore().createBucket(BUCKET);
      }
      if (workers > 0) {
        system.startWorkers(
            workers,
            workerPort,
            StartupCache.asLaunched(JVM_OPTIONS),
            workerSettings(system, served, repository));
      }
      welcome(system, served);
      stop.keep();
      boolean asked = system.awaitStop(stop, output::progress);
      stopwatch.tell("stopping: workers finish what they have begun");
      return asked ? ExitCode.DONE : ExitCode.FAILED;
    } catch (RuntimeException e) {
      if (stop.endsAtOnce()) {
        return ExitCode.FAILED;
      }
      if (e instanceof ServerException) {
        // Holds the end of a log: one line would not do.
        String.valueOf(e.getMessage()).lines().forEach(output::progress);
        return ExitCode.FAILED;
      }
      throw e;
    } finally {
      if (!stop.endsAtOnce()) {
        stopwatch.tell("everything is stopped");
      }
    }
  }

  private Map<Part, Integer> ports() {
    Map<Part, Integer> ports = new EnumMap<>(Part.class);
    ports.put(Part.KAFKA, free("--kafka-port", kafkaPort));
    ports.put(Part.SCHEMA_REGISTRY, free("--registry-port", registryPort));
    ports.put(Part.IMAGE_SERVER, free("--images-port", imagesPort));
    if (objectStore) {
      ports.put(Part.OBJECT_STORE, free("--object-store-port", objectStorePort));
    }
    if (workers > 0) {
      int _ = free("--worker-port", workerPort);
    }
    return ports;
  }

  private static int free(String option, int port) {
    if (port < 0 || port > 65_535) {
      throw CommandException.usage(option + " " + port + " is not a port");
    }
    if (!Ports.isFree(port)) {
      throw CommandException.failed(
          "port %d is taken: stop what listens there, or choose another with %s"
              .formatted(port, option));
    }
    return port;
  }

  private static Path folder(String option, List<Path> said, Path otherwise) throws IOException {
    Path folder = said.isEmpty() ? otherwise : said.getLast();
    if (!Files.isDirectory(folder)) {
      throw CommandException.usage(option + " " + folder + " is not a folder");
    }
    return folder.toRealPath();
  }

  private Map<String, String> workerSettings(LocalSystem system, Path served, Path repository) {
    List<String> allowed = new ArrayList<>(allow);
    String server = system.servers().imageServer().url();
    allowed.add(server);
    allowed.add(server.replace("127.0.0.1", "localhost"));
    Map<String, String> all = new LinkedHashMap<>();
    all.put("images.file_roots", served.toString());
    all.put("models.repository", repository.toString());
    if (objectStore) {
      ObjectStore store = system.servers().objectStore();
      allowed.add("s3://" + BUCKET);
      all.put("images.s3.endpoint", store.endpoint());
      all.put("images.s3.access_key_id", store.credentials().accessKeyId());
      all.put("images.s3.secret_access_key", store.credentials().secretAccessKey());
    }
    all.put("images.allow", String.join(",", allowed));
    all.putAll(settings);
    return all;
  }

  private void welcome(LocalSystem system, Path served) {
    Devstack servers = system.servers();
    if (output.json()) {
      output.json(
          new Addresses(
              servers.kafka().bootstrapServers(),
              servers.schemaRegistry().url(),
              servers.imageServer().url(),
              system.workers().stream().map(WorkerProcess::url).toList()));
      return;
    }
    output.text("");
    output.text("Kafka             " + servers.kafka().bootstrapServers());
    output.text("schema registry   " + servers.schemaRegistry().url());
    output.text("image server      " + servers.imageServer().url() + "  (" + served + ")");
    if (objectStore) {
      output.text(
          "object store      " + servers.objectStore().endpoint() + "  (bucket " + BUCKET + ")");
    }
    for (WorkerProcess worker : system.workers()) {
      output.text(
          worker.name() + "          " + worker.url() + "  (status, /metrics, /health/ready)");
    }
    output.text("");
    output.text("In another terminal:");
    output.text("");
    List<String> commands =
        List.of(
            "export SLUICE_KAFKA_BOOTSTRAP_SERVERS=" + servers.kafka().bootstrapServers(),
            "export SLUICE_KAFKA_SCHEMA_REGISTRY_URL=" + servers.schemaRegistry().url(),
            "./sluice submit --wait '"
                + served
                + "' --base-dir '"
                + served
                + "' --base-url "
                + servers.imageServer().url(),
            "./sluice results --follow",
            "./sluice dlt list");
    commands.forEach(command -> output.out().println("  " + command));
    output.text("");
    output.text("Ctrl-C stops everything.");
  }

  /** What {@code --json} prints once everything is up. */
  private record Addresses(
      String bootstrapServers, String schemaRegistry, String imageServer, List<String> workers) {}
}
