package dev.sluice.worker.batch;

import dev.sluice.worker.model.DeviceException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what it hears, as text, in order. */
final class ObservedLanes implements LaneObserver {
  final List<String> heard = new CopyOnWriteArrayList<>();

  @Override
  public void outOfMemory(String lane, int batchSize, int limit, DeviceException reason) {
    heard.add(lane + " has no memory for " + batchSize + ", at most " + limit);
  }

  @Override
  public void wedged(String lane, int batchSize, Duration running) {
    heard.add(lane + " is wedged with " + batchSize + " after " + running);
  }

  @Override
  public void cameBack(String lane, Duration took) {
    heard.add(lane + " came back after " + took);
  }

  @Override
  public void died(String lane, Throwable cause) {
    heard.add(lane + " died of " + cause.getMessage());
  }

  @Override
  public void hopeless(String batcher) {
    heard.add(batcher + " is hopeless");
  }
}
