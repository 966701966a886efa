package dev.sluice.worker.ledger;

/**
 * How much may be in flight.
 *
 * @param records unfinished records of all partitions together, positive; those that are parked do
 *     not count
 * @param bytes bytes of the unfinished records of all partitions together, positive. One record
 *     larger than that is let in when it is alone
 * @param runAhead records of one partition from the oldest that is not committed to the newest,
 *     finished or not, positive. It bounds what a crash makes the next owner do again, and how many
 *     finished records wait in memory behind a slow one
 */
public record Bounds(int records, long bytes, int runAhead) {
  public Bounds {
    if (records <= 0 || bytes <= 0 || runAhead <= 0) {
      throw new IllegalArgumentException(
          "bounds are positive: records "
              + records
              + ", bytes "
              + bytes
              + ", runAhead "
              + runAhead);
    }
  }
}
