package dev.sluice.worker;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.batch.LaneObserver;
import dev.sluice.worker.model.DeviceException;
import dev.sluice.worker.telemetry.Metrics;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and logs what goes wrong with lanes, and says when the worker has to be restarted for it.
 * Safe for any thread; never blocks.
 */
final class LaneTelemetry implements LaneObserver {
  private static final Logger LOG = LoggerFactory.getLogger(LaneTelemetry.class);

  private final Metrics metrics;
  private final CompletableFuture<String> deviceFailed = new CompletableFuture<>();

  LaneTelemetry(Metrics metrics) {
    this.metrics = requireNonNull(metrics, "metrics is null");
  }

  /** Completes with the reason, for people, once a device is of no more use to this process. */
  CompletableFuture<String> deviceFailed() {
    return deviceFailed.copy();
  }

  @Override
  public void outOfMemory(String lane, int batchSize, int limit, DeviceException reason) {
    metrics.outOfMemory(lane);
    LOG.warn(
        "{}: the device has no memory for a batch of {}; at most {} from now on, more again after"
            + " a while: {}",
        lane,
        batchSize,
        limit,
        reason.getMessage());
  }

  @Override
  public void wedged(String lane, int batchSize, Duration running) {
    metrics.wedged(lane);
    LOG.error(
        "{} has been in one device call for {} ms; its {} images are given up and tried again"
            + " elsewhere. Other lanes go on",
        lane,
        running.toMillis(),
        batchSize);
  }

  @Override
  public void cameBack(String lane, Duration took) {
    LOG.warn("{} came back after {} ms and works again", lane, took.toMillis());
  }

  @Override
  public void died(String lane, Throwable cause) {
    LOG.error("{} has ended; the worker hands its partitions back and ends", lane, cause);
    deviceFailed.complete(lane + " has ended: " + cause);
  }

  @Override
  public void hopeless(String batcher) {
    LOG.error("no lane of {} comes back; the worker hands its partitions back and ends", batcher);
    deviceFailed.complete("no lane of " + batcher + " comes back");
  }
}
