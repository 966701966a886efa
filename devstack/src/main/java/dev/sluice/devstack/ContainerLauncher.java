package dev.sluice.devstack;

import static java.util.Objects.requireNonNull;

import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Volume;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;
import org.testcontainers.utility.DockerImageName;

/**
 * The same servers through Testcontainers, reachable at the same kind of address: a loopback port
 * that is fixed beforehand, so that it outlives a restart of the container.
 */
final class ContainerLauncher implements Launcher {
  private static final String KAFKA = "apache/kafka:4.3.1";
  private static final String REGISTRY = "apicurio/apicurio-registry:3.3.3";
  private static final String OBJECT_STORE = "andrewgaul/s3proxy:4.1.0";

  private static final int CLIENTS = 9092;
  private static final int CONTROLLERS = 9093;
  private static final int BROKERS = 19_092;

  /** Where the nodes of a cluster find each other. */
  private final Network network = Network.newNetwork();

  @Override
  public Server kafkaNode(KafkaQuorum quorum, int node, Path folder) {
    Map<String, String> settings = quorum.settings(node);
    settings.put("controller.quorum.voters", quorum.voters(n -> hostName(n) + ":" + CONTROLLERS));
    settings.put(
        "listeners",
        "PLAINTEXT://:%d,BROKERS://:%d,CONTROLLER://:%d".formatted(CLIENTS, BROKERS, CONTROLLERS));
    settings.put(
        "advertised.listeners",
        "PLAINTEXT://127.0.0.1:%d,BROKERS://%s:%d"
            .formatted(quorum.port(node), hostName(node), BROKERS));
    settings.put(
        "listener.security.protocol.map",
        "PLAINTEXT:PLAINTEXT,BROKERS:PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.put("inter.broker.listener.name", "BROKERS");

    GenericContainer<?> container =
        container(KAFKA, quorum.port(node), CLIENTS)
            .withNetwork(network)
            .withNetworkAliases(hostName(node))
            .withEnv("CLUSTER_ID", quorum.clusterId())
            .withEnv("KAFKA_HEAP_OPTS", "-Xmx512m");
    settings.forEach((key, value) -> container.withEnv(environmentName(key), value));
    return new ContainerServer("kafka-" + node, container);
  }

  @Override
  public Server schemaRegistry(int port, Path folder) {
    return new ContainerServer("schema-registry", container(REGISTRY, port, 8080));
  }

  @Override
  public Server objectStore(
      int port, ObjectStore.Credentials credentials, Path objects, Path folder) {
    return new ContainerServer(
        "object-store",
        container(OBJECT_STORE, port, 80)
            .withEnv("S3PROXY_AUTHORIZATION", "aws-v2-or-v4")
            .withEnv("S3PROXY_IDENTITY", credentials.accessKeyId())
            .withEnv("S3PROXY_CREDENTIAL", credentials.secretAccessKey())
            .withEnv("JCLOUDS_PROVIDER", "filesystem-nio2")
            .withEnv("JCLOUDS_FILESYSTEM_BASEDIR", "/data")
            .withCreateContainerCmdModifier(create ->
                requireNonNull(create.getHostConfig(), "no host configuration")
                    .withBinds(new Bind(objects.toString(), new Volume("/data")))));
  }

  @Override
  public void close() {
    network.close();
  }

  private static GenericContainer<?> container(String image, int hostPort, int port) {
    // Not closed here: ContainerServer owns it.
    GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(image));
    container.setPortBindings(List.of("127.0.0.1:%d:%d".formatted(hostPort, port)));
    return container.waitingFor(new NoWait());
  }

  private static String hostName(int node) {
    return "kafka-" + node;
  }

  /** {@code a.b-c} to the name that the image turns back into it. */
  private static String environmentName(String key) {
    return "KAFKA_"
        + key.replace("_", "__").replace("-", "___").replace('.', '_').toUpperCase(Locale.ROOT);
  }

  /** The caller asks the server itself whether it is ready. */
  private static final class NoWait extends AbstractWaitStrategy {
    @Override
    protected void waitUntilReady() {}
  }
}
