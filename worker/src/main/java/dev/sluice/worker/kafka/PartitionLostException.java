package dev.sluice.worker.kafka;

import dev.sluice.worker.model.Position;

/** The record's partition is no longer this worker's: nothing more is published for it. */
final class PartitionLostException extends Exception {
  private static final long serialVersionUID = 1L;

  PartitionLostException(Position position) {
    super(position + " was lost in epoch " + position.epoch());
  }
}
