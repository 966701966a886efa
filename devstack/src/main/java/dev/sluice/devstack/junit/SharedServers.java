package dev.sluice.devstack.junit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.devstack.DevstackServer;
import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.ObjectStore;
import dev.sluice.devstack.SchemaRegistry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The servers that all tests of this JVM share: each started when it is first asked for, in the
 * background, and ended with the test run. Safe for any thread.
 */
final class SharedServers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SharedServers.class);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @GuardedBy("this")
  private final Map<Class<?>, CompletableFuture<? extends DevstackServer>> servers =
      new LinkedHashMap<>();

  /** Whether servers of this type are shared. */
  static boolean areOf(Class<?> type) {
    return type == KafkaCluster.class || type == SchemaRegistry.class || type == ObjectStore.class;
  }

  /** Starts a server unless that was done before, and does not wait for it. */
  void launch(Class<?> type) {
    Future<? extends DevstackServer> launched = future(type);
    log.debug("{}: {}", type.getSimpleName(), launched.state());
  }

  /**
   * A running server.
   *
   * @throws CompletionException around what kept it from starting
   */
  DevstackServer get(Class<?> type) {
    return future(type).join();
  }

  private synchronized CompletableFuture<? extends DevstackServer> future(Class<?> type) {
    return servers.computeIfAbsent(
        type, t -> CompletableFuture.supplyAsync(() -> start(t), threads));
  }

  private static DevstackServer start(Class<?> type) {
    if (type == KafkaCluster.class) {
      return KafkaCluster.launch(1);
    }
    if (type == SchemaRegistry.class) {
      return SchemaRegistry.launch();
    }
    if (type == ObjectStore.class) {
      return ObjectStore.launch();
    }
    throw new IllegalArgumentException("not shared: " + type);
  }

  /** Ends what was started. What failed to start was reported to those who asked for it. */
  @Override
  public synchronized void close() {
    threads.close(); // Waits for those that are starting still.
    servers.values().stream()
        .filter(server -> server.state() == Future.State.SUCCESS)
        .map(Future::resultNow)
        .forEach(DevstackServer::close);
  }
}
