package dev.sluice.devstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the build unpacked the servers, the photographs and the demo model: below the checkout that
 * the system property {@code sluice.home} names (the launcher and the build's test runs set it).
 *
 * <p>Safe for any thread.
 */
public final class Assets {
  private static final String HOME_PROPERTY = "sluice.home";

  private Assets() {}

  /** The checkout. */
  public static Path home() {
    String home = System.getProperty(HOME_PROPERTY);
    if (home == null || home.isBlank()) {
      throw new IllegalStateException(
          "the system property %s is not set: it names the Sluice checkout that holds the servers"
              .formatted(HOME_PROPERTY));
    }
    return Path.of(home).toAbsolutePath().normalize();
  }

  /** A folder of real photographs, no subfolders: JPEG and PNG. */
  public static Path photographs() {
    return built("photographs");
  }

  /** A model repository (Triton's layout) that holds the demo model {@code ppocr}. */
  public static Path models() {
    return built("models");
  }

  /**
   * PP-OCR's classifier of a line's direction, a small real model: [N,3,48,192] in, [N,2]
   * probabilities (upright, on its head) out.
   */
  public static Path directionModel() {
    return built("other-models/direction/1/model.onnx");
  }

  /** The folder that holds the registry's {@code quarkus-run.jar}. */
  static Path registry() {
    return built("servers/registry");
  }

  /** S3Proxy with all that it needs, one jar. */
  static Path objectStoreJar() {
    return built("servers/object-store/s3proxy.jar");
  }

  /** The class path of a broker's process: our entry point, then Kafka's own jars. */
  static List<Path> kafkaClassPath() {
    Path module = existing(home().resolve("devstack/kafka-server/target"));
    return Stream.concat(jars(module).stream(), jars(existing(module.resolve("lib"))).stream())
        .toList();
  }

  private static List<Path> jars(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }

  /** Where {@link Guarded} was loaded from: goes on the class path of every server. */
  static Path ownClasses() {
    try {
      return Path.of(Guarded.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("cannot tell where " + Guarded.class + " is", e);
    }
  }

  private static Path built(String path) {
    return existing(home().resolve("devstack/target").resolve(path));
  }

  private static Path existing(Path path) {
    if (!Files.exists(path)) {
      throw new IllegalStateException(
          "%s is missing: build first (mvn -DskipTests package), or point %s at a built checkout"
              .formatted(path, HOME_PROPERTY));
    }
    return path;
  }
}
