package dev.sluice.devstack;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** Servers as processes on this machine, listening on the loopback address only. */
final class ProcessLauncher implements Launcher {
  private static final String LOOPBACK = "127.0.0.1";

  @Override
  public Server kafkaNode(KafkaQuorum quorum, int node, Path folder) {
    Map<String, String> settings = quorum.settings(node);
    settings.put(
        "controller.quorum.voters", quorum.voters(n -> loopback(quorum.controllerPort(n))));
    settings.put(
        "listeners",
        "PLAINTEXT://%s,CONTROLLER://%s"
            .formatted(loopback(quorum.port(node)), loopback(quorum.controllerPort(node))));
    settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    String name = "kafka-" + node;
    settings.put("log.dirs", folder.resolve(name + "-data").toString());
    Path file = writeProperties(folder.resolve(name + ".properties"), settings);

    List<String> options = new ArrayList<>(List.of("-XX:+UseSerialGC"));
    switch (quorum.tuning()) {
      case FAST_START -> options.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"));
      case THROUGHPUT -> options.add("-Xmx2g");
    }
    options.add("-Dorg.slf4j.simpleLogger.showDateTime=true");
    options.add("-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS");
    return new ServerProcess(
        name,
        folder,
        options,
        Assets.kafkaClassPath(),
        List.of("dev.sluice.devstack.broker.BrokerMain", quorum.clusterId(), file.toString()));
  }

  @Override
  public Server schemaRegistry(int port, Path folder) {
    return new ServerProcess(
        "schema-registry",
        folder,
        List.of(
            "-Xmx384m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dquarkus.http.host=" + LOOPBACK,
            "-Dquarkus.http.port=" + port,
            // Its own default is port 9000 on every interface.
            "-Dquarkus.management.host=" + LOOPBACK,
            "-Dquarkus.management.port=" + Ports.free()),
        List.of(Assets.registry().resolve("quarkus-run.jar")),
        List.of("io.quarkus.bootstrap.runner.QuarkusEntryPoint"));
  }

  @Override
  public Server objectStore(
      int port, ObjectStore.Credentials credentials, Path objects, Path folder) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("s3proxy.endpoint", "http://" + loopback(port));
    settings.put("s3proxy.authorization", "aws-v2-or-v4");
    settings.put("s3proxy.identity", credentials.accessKeyId());
    settings.put("s3proxy.credential", credentials.secretAccessKey());
    settings.put("jclouds.provider", "filesystem-nio2");
    settings.put("jclouds.filesystem.basedir", objects.toString());
    Path file = writeProperties(folder.resolve("object-store.properties"), settings);
    return new ServerProcess(
        "object-store",
        folder,
        List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
        List.of(Assets.objectStoreJar()),
        List.of("org.gaul.s3proxy.Main", "--properties", file.toString()));
  }

  @Override
  public void close() {
    // Processes share nothing.
  }

  private static String loopback(int port) {
    return LOOPBACK + ":" + port;
  }

  private static Path writeProperties(Path file, Map<String, String> settings) {
    Properties properties = new Properties();
    properties.putAll(settings);
    try (BufferedWriter writer = Files.newBufferedWriter(file)) {
      properties.store(writer, null);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
