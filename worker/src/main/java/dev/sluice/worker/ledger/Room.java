package dev.sluice.worker.ledger;

/** Whether one more record may be taken on. */
public enum Room {
  /** It may. */
  FREE,
  /** Its partition has run ahead as far as it may; other partitions' records may still go on. */
  PARTITION_FULL,
  /** As many records or bytes are in flight as may be; no partition's record may go on. */
  FULL
}
