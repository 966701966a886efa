package dev.sluice.worker.kafka;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A worker in a process of its own, for a test to kill. */
public final class KilledWorker {
  private KilledWorker() {}

  /** Starts the process; it answers each request after a while, and never stops by itself. */
  static Process start(Wire wire, GroupProtocol protocol, Guarantee guarantee) throws IOException {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            classPath,
            KilledWorker.class.getName(),
            wire.connection.bootstrapServers(),
            wire.connection.schemaRegistryUrl(),
            wire.connection.groupId(),
            wire.requests(),
            wire.topics.results(),
            wire.topics.deadLetters(),
            protocol.name(),
            guarantee.name())
        .inheritIO()
        .start();
  }

  /** Entry point of the process. */
  public static void main(String[] args) {
    ConnectionSettings connection =
        new ConnectionSettings(
            args[0], args[1], args[2], Map.of(), Map.of("session.timeout.ms", "6000"), Map.of());
    Topics topics = new Topics(List.of(args[3]), args[4], args[5], List.of());
    TestWorker worker =
        TestWorker.start(
            connection,
            GroupProtocol.valueOf(args[6]),
            Guarantee.valueOf(args[7]),
            "killed",
            topics,
            TestWorker.SETTINGS,
            (task, _) -> {
              Thread.sleep(Duration.ofMillis(task.position().offset() * 10));
              return TestWorker.success(task);
            });
    worker.intake.ended().join();
  }
}
