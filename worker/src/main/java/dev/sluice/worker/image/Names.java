package dev.sluice.worker.image;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Resolves hosts within a time limit. The system's resolver cannot be interrupted and would hold a
 * virtual thread's carrier, so it is called on a few platform threads of its own. Safe for any
 * thread.
 */
final class Names implements AutoCloseable {
  private static final int THREADS = 8;
  private static final int IDLE_SECONDS = 60;

  private final NameResolver resolver;
  private final ThreadPoolExecutor threads;

  Names(NameResolver resolver) {
    this.resolver = resolver;
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("fetch-dns-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * All addresses of the host.
   *
   * @throws TaskException with IMAGE_UNAVAILABLE when it has none or none was found in time
   */
  List<InetAddress> resolve(HostName host, TimeLimit limit) throws InterruptedException {
    if (host.literal()) {
      return List.of(InetAddress.ofLiteral(host.text()));
    }
    String what = "resolving the host " + host.text();
    limit.requireTime(what);
    Future<List<InetAddress>> lookup = threads.submit(() -> resolver.resolve(host.text()));
    try {
      return lookup.get(limit.remaining().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw limit.expired(what);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownHostException unknown) {
        throw new TaskException(
            ErrorCode.IMAGE_UNAVAILABLE, "unknown host " + host.text(), unknown);
      }
      throw new TaskException(ErrorCode.INTERNAL, what + " failed: " + e.getCause(), e);
    } finally {
      lookup.cancel(true);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
