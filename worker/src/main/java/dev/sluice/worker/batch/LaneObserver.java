package dev.sluice.worker.batch;

import dev.sluice.worker.model.DeviceException;
import java.time.Duration;

/**
 * Hears what goes wrong with lanes. Called on lanes' threads and the watchdog's; must not block.
 */
public interface LaneObserver {
  /**
   * A batch did not fit into the device's memory and is run again in smaller ones.
   *
   * @param batchSize that did not fit
   * @param limit the largest batch from now on
   */
  void outOfMemory(String lane, int batchSize, int limit, DeviceException reason);

  /** A device call has not come back in time: its items were given up. Once for each such call. */
  void wedged(String lane, int batchSize, Duration running);

  /** A device call that was taken for wedged came back after all; its outputs were dropped. */
  void cameBack(String lane, Duration took);

  /**
   * A lane's thread has ended other than by {@link Batcher#close}: its device is gone, or an error
   * hit it. What it had taken was not judged.
   */
  void died(String lane, Throwable cause);

  /**
   * No lane of the batcher will take another item: each has died, or has been wedged for {@link
   * BatchSettings#hopelessAfter}. Once.
   */
  void hopeless(String batcher);
}
