package dev.sluice.devstack;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Node;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real Kafka cluster (KRaft) of one or three nodes, each a process of its own that can be
 * stopped, killed and started again on the same ports and data. Listens on the loopback address
 * only, plaintext, without authentication. Topics are not created by using them.
 *
 * <p>Nodes are numbered from 1. Safe for any thread. Methods block until what they name has
 * happened; they throw {@link ServerException} with the end of the server's log when it does not.
 */
public final class KafkaCluster implements DevstackServer {
  private static final Logger log = LoggerFactory.getLogger(KafkaCluster.class);

  private final Scratch scratch;
  private final Launcher launcher;
  private final KafkaQuorum quorum;
  private final List<Server> servers;

  private KafkaCluster(
      Scratch scratch, Launcher launcher, KafkaQuorum quorum, List<Server> servers) {
    this.scratch = scratch;
    this.launcher = launcher;
    this.quorum = quorum;
    this.servers = List.copyOf(servers);
  }

  /** Starts a cluster and waits until every node serves clients. */
  public static KafkaCluster launch(KafkaSettings settings) {
    Scratch scratch = Scratch.create("kafka");
    KafkaQuorum quorum = KafkaQuorum.of(settings);
    Launcher launcher = Launcher.current();
    List<Server> servers = new ArrayList<>();
    for (int node = 1; node <= quorum.size(); node++) {
      servers.add(launcher.kafkaNode(quorum, node, scratch.folder()));
    }
    KafkaCluster cluster = new KafkaCluster(scratch, launcher, quorum, servers);
    try {
      // All first: a node serves nobody before a majority of the controllers is there.
      servers.forEach(Server::start);
      cluster.nodes().forEach(cluster::awaitReady);
      return cluster;
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  /** Starts a cluster for a test: see {@link KafkaSettings#ofNodes}. */
  public static KafkaCluster launch(int nodes) {
    return launch(KafkaSettings.ofNodes(nodes));
  }

  /** The value of {@code bootstrap.servers}: all nodes, running or not. */
  public String bootstrapServers() {
    return nodes().stream().map(this::bootstrapServer).collect(Collectors.joining(","));
  }

  /** One node's address, {@code host:port}. */
  public String bootstrapServer(int node) {
    return "127.0.0.1:" + quorum.port(checked(node));
  }

  /** The nodes' numbers: 1, or 1 to 3. */
  public List<Integer> nodes() {
    return IntStream.rangeClosed(1, quorum.size()).boxed().toList();
  }

  /** Starts a node that was stopped or killed and waits until it serves clients again. */
  public void start(int node) {
    server(node).start();
    awaitReady(node);
  }

  /** Stops a node in order: it hands its partitions over first. */
  public void stop(int node) {
    server(node).stop();
  }

  /** Kills a node, as SIGKILL or a power failure does. */
  public void kill(int node) {
    server(node).kill();
  }

  /** Whether a node's process is there. */
  public boolean isRunning(int node) {
    return server(node).isAlive();
  }

  /** The last lines that a node logged. */
  public String logTail(int node) {
    return server(node).logTail();
  }

  /** An admin client that the caller closes. */
  public Admin admin() {
    return Admin.create(
        Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, (Object) bootstrapServers()));
  }

  /**
   * Creates a topic with a replica on every node and waits until all its partitions have leaders.
   */
  public void createTopic(String name, int partitions) {
    createTopic(name, partitions, Map.of());
  }

  /** As {@link #createTopic(String, int)}, with topic settings such as {@code cleanup.policy}. */
  public void createTopic(String name, int partitions, Map<String, String> settings) {
    NewTopic topic =
        new NewTopic(name, partitions, (short) quorum.size()).configs(Map.copyOf(settings));
    try (Admin admin = admin()) {
      admin.createTopics(Set.of(topic)).all().get(30, TimeUnit.SECONDS);
      Readiness.await(anyRunning(), () -> allLed(admin, name, partitions));
    } catch (ExecutionException | TimeoutException e) {
      throw new ServerException("cannot create topic " + name + " at " + bootstrapServers(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerException("interrupted while creating topic " + name, e);
    }
  }

  /** As {@link #bootstrapServers}. */
  @Override
  public String address() {
    return bootstrapServers();
  }

  /** Kills all nodes and deletes their data. */
  @Override
  public void close() {
    servers.forEach(Server::close);
    launcher.close();
    scratch.close();
  }

  private Server server(int node) {
    return servers.get(checked(node) - 1);
  }

  private int checked(int node) {
    if (node < 1 || node > quorum.size()) {
      throw new IllegalArgumentException(
          "no node %d: this cluster has nodes %s".formatted(node, nodes()));
    }
    return node;
  }

  private Server anyRunning() {
    return servers.stream().filter(Server::isAlive).findFirst().orElse(servers.getFirst());
  }

  private void awaitReady(int node) {
    Server server = server(node);
    // Before the first answer an admin client would only fill the log with refused connections.
    Readiness.await(server, () -> Readiness.accepts(quorum.port(node)));
    Map<String, Object> settings =
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServer(node),
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 2_000,
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 2_000);
    try (Admin admin = Admin.create(settings)) {
      Readiness.await(server, () -> knows(admin, node));
    }
  }

  /** Whether a node's own view of the cluster holds itself: it is registered and not fenced. */
  private static boolean knows(Admin admin, int node) {
    DescribeClusterResult described = admin.describeCluster();
    return answer(described.nodes().toCompletionStage().toCompletableFuture(), List.of()).stream()
        .anyMatch(member -> member.id() == node);
  }

  private static boolean allLed(Admin admin, String topic, int partitions) {
    var described = admin.describeTopics(Set.of(topic)).allTopicNames();
    return answer(described.toCompletionStage().toCompletableFuture(), Map.of()).values().stream()
        .anyMatch(found ->
            found.partitions().size() == partitions
                && found.partitions().stream().allMatch(p -> hasLeader(p.leader())));
  }

  private static boolean hasLeader(@Nullable Node leader) {
    return leader != null && !leader.isEmpty();
  }

  /** What the cluster answered, or {@code none} when it did not (yet): the caller asks again. */
  private static <T> T answer(CompletableFuture<T> asked, T none) {
    try {
      return asked.get(Duration.ofSeconds(5).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.debug("no answer yet", e);
      return none;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerException("interrupted while asking a broker", e);
    }
  }
}
