package dev.sluice.worker.model;

/**
 * Why a request has no output: the closed list that results, dead letters and metrics share. The
 * names are part of the contract with other programs; none is renamed or removed.
 */
public enum ErrorCode {
  /** Not decodable, or breaks a rule of the contract. */
  INVALID_REQUEST(false),
  /** The worker's policy does not allow the scheme or the address. */
  URI_FORBIDDEN(false),
  /** 404 or 410, a missing file or key. */
  IMAGE_NOT_FOUND(false),
  /** 401 or 403, or a file that may not be read. */
  IMAGE_ACCESS_DENIED(false),
  /** More bytes or pixels than allowed. */
  IMAGE_TOO_LARGE(false),
  /** Not an image that is read here, truncated, or its checksum differs. */
  IMAGE_CORRUPT(false),
  /** Timeout, connection refused, 5xx or 429. */
  IMAGE_UNAVAILABLE(true),
  /** No such model or version in this worker's repository. */
  MODEL_NOT_FOUND(false),
  /** This image alone makes the model fail. */
  MODEL_FAILED(false),
  /** The deadline passed before the result was made. */
  DEADLINE_EXCEEDED(false),
  /** Our own fault. */
  INTERNAL(true);

  private final boolean retryable;

  ErrorCode(boolean retryable) {
    this.retryable = retryable;
  }

  /** Whether the same request may well succeed later. */
  public boolean retryable() {
    return retryable;
  }
}
