package dev.sluice.devstack;

import java.nio.file.Path;

/** Makes servers, ready to be started: as local processes or as containers. */
interface Launcher extends AutoCloseable {
  /** A node of {@code quorum}, logging and keeping its data below {@code folder}. */
  Server kafkaNode(KafkaQuorum quorum, int node, Path folder);

  Server schemaRegistry(int port, Path folder);

  /**
   * An S3 service over a folder.
   *
   * @param objects holds a folder for each bucket
   */
  Server objectStore(int port, ObjectStore.Credentials credentials, Path objects, Path folder);

  /** Gives back what its servers shared; they are closed by then. */
  @Override
  void close();

  /** The one that the system property {@code sluice.devstack} asks for. */
  static Launcher current() {
    String mode = System.getProperty("sluice.devstack", "processes");
    return switch (mode) {
      case "processes" -> new ProcessLauncher();
      case "containers" -> new ContainerLauncher();
      default ->
          throw new IllegalStateException(
              "the system property sluice.devstack is '%s': say 'processes' or 'containers'"
                  .formatted(mode));
    };
  }
}
