package dev.sluice.tools.bench;

import dev.sluice.devstack.Devstack;
import dev.sluice.devstack.Devstack.Part;
import dev.sluice.devstack.KafkaSettings;
import dev.sluice.devstack.Scratch;
import dev.sluice.v1.InferenceRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * What scenarios run on: one broker, a registry, an image server, and what makes models, images and
 * workers for them. Used by one thread, which closes it.
 */
final class Bench implements AutoCloseable {
  private final BenchSettings settings;
  private final List<String> workerOptions;
  private final Scratch scratch;
  private final Path images;
  private final Devstack servers;
  private final ImageStore store;
  private final Consumer<String> progress;
  private final AtomicInteger deployments = new AtomicInteger();

  private Bench(
      BenchSettings settings,
      List<String> workerOptions,
      Scratch scratch,
      Path images,
      Devstack servers,
      ImageStore store,
      Consumer<String> progress) {
    this.settings = settings;
    this.workerOptions = List.copyOf(workerOptions);
    this.scratch = scratch;
    this.images = images;
    this.servers = servers;
    this.store = store;
    this.progress = progress;
  }

  /**
   * Starts the servers.
   *
   * @param workerOptions of the workers' JVM
   * @param progress told in a line each what happens
   */
  static Bench start(BenchSettings settings, List<String> workerOptions, Consumer<String> progress)
      throws IOException {
    Scratch scratch = Scratch.create("bench");
    Path images = Files.createDirectories(scratch.folder().resolve("images"));
    Devstack servers =
        Devstack.launch(
            new Devstack.Options(
                Set.of(Part.KAFKA, Part.SCHEMA_REGISTRY),
                1,
                KafkaSettings.Tuning.THROUGHPUT,
                images,
                Map.of()),
            progress);
    try {
      return new Bench(
          settings, workerOptions, scratch, images, servers, ImageStore.launch(images), progress);
    } catch (RuntimeException e) {
      servers.close();
      throw e;
    }
  }

  BenchSettings settings() {
    return settings;
  }

  void tell(String line) {
    progress.accept(line);
  }

  /** A new folder of that name, gone with the run. */
  Path scratchFolder(String name) throws IOException {
    return Files.createDirectory(scratch.folder().resolve(name));
  }

  String bootstrapServers() {
    return servers.kafka().bootstrapServers();
  }

  String registryUrl() {
    return servers.schemaRegistry().url();
  }

  /** The files of the person's own images, or of that kind. */
  List<Path> images(Photographs.Kind kind) throws IOException {
    return settings.images().isPresent()
        ? Photographs.link(settings.images().get(), images)
        : Photographs.write(kind, images);
  }

  /** What those images are called in the table. */
  String imagesText(Photographs.Kind kind) {
    return settings.images().map(folder -> "images of " + folder.getFileName()).orElse(kind.text());
  }

  /** Where the image server has a file of {@link #images}. */
  String address(Path image) {
    return store.url() + "/" + images.relativize(image);
  }

  /** The same, answered after a while. */
  String slowAddress(Path image, int delayMillis) {
    return "%s/fault/delay/%d/%s".formatted(store.url(), delayMillis, images.relativize(image));
  }

  /** Says of a request that its image is on the image server, for each file. */
  List<Consumer<InferenceRequest.Builder>> byAddress(List<Path> files) {
    return files.stream().map(file -> Requests.at(address(file))).toList();
  }

  /** Creates topics and a repository with one model; no worker runs yet. */
  Deployment prepare(String scenario, BenchModel model, int partitions, Map<String, String> more)
      throws IOException {
    return prepare(scenario, List.of(model), partitions, more);
  }

  /** The same with several models in the repository: each request says which it means. */
  Deployment prepare(
      String scenario, List<BenchModel> models, int partitions, Map<String, String> more)
      throws IOException {
    String name = "bench-%s-%d".formatted(scenario, deployments.incrementAndGet());
    Path repository = Files.createDirectories(scratch.folder().resolve(name));
    for (BenchModel model : models) {
      model.write(repository);
    }
    Map<String, String> all = new LinkedHashMap<>();
    all.put("images.allow", store.url());
    all.putAll(more);
    all.putAll(settings.workerSettings());
    return Deployment.prepare(
        bootstrapServers(),
        registryUrl(),
        new Deployment.Spec(name, partitions, repository, all, workerOptions));
  }

  @Override
  public void close() {
    store.close();
    servers.close();
    scratch.close();
  }
}
