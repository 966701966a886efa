package dev.sluice.worker.image;

/** Whether an origin is being fetched from. */
public enum BreakerState {
  /** It is. */
  CLOSED,
  /** It failed too often: a few attempts show whether it is well again. */
  HALF_OPEN,
  /** It failed too often and is left alone. */
  OPEN
}
