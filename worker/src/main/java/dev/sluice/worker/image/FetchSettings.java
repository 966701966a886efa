package dev.sluice.worker.image;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Bounds and rules of fetching.
 *
 * @param limits how long, how large, how many
 * @param addresses which hosts and buckets may be read
 * @param fileRoots folders under which {@code file:} images may be read; empty: none may
 * @param retry quick retries in place
 * @param breaker when an origin is left alone for a while
 * @param s3 the object store
 */
public record FetchSettings(
    Limits limits,
    Addresses addresses,
    List<Path> fileRoots,
    Retries retry,
    Breaker breaker,
    S3Settings s3) {
  public FetchSettings {
    requireNonNull(limits, "limits is null");
    requireNonNull(addresses, "addresses is null");
    fileRoots = List.copyOf(fileRoots);
    requireNonNull(retry, "retry is null");
    requireNonNull(breaker, "breaker is null");
    requireNonNull(s3, "s3 is null");
  }

  /** Any public http or https address, no files, no buckets. */
  public static FetchSettings defaults() {
    return new FetchSettings(
        Limits.defaults(),
        Addresses.defaults(),
        List.of(),
        Retries.defaults(),
        Breaker.defaults(),
        S3Settings.defaults());
  }

  /**
   * How long, how large, how many.
   *
   * @param maxBytes of one encoded image, positive, below 2 GiB
   * @param timeout for the whole fetch: names, connections, redirects, retries and the last byte of
   *     the body; waiting for memory or for one's turn is not counted
   * @param connectTimeout for one connection
   * @param maxRedirects how often one fetch follows a redirect, from 0
   * @param maxConcurrent fetches at once, positive
   * @param maxConcurrentPerOrigin of these to one scheme, host and port, or bucket, or file root;
   *     positive
   * @param maxAhead images that are fetched, or being fetched, and not answered yet; not fewer than
   *     {@code maxConcurrent}
   */
  public record Limits(
      long maxBytes,
      Duration timeout,
      Duration connectTimeout,
      int maxRedirects,
      int maxConcurrent,
      int maxConcurrentPerOrigin,
      int maxAhead) {
    /** Room for the array's own header: the largest that a Java array may be. */
    private static final long LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    public Limits {
      if (maxBytes <= 0 || maxBytes > LARGEST_ARRAY) {
        throw new IllegalArgumentException(
            "maxBytes is from 1 to " + LARGEST_ARRAY + ": " + maxBytes);
      }
      requirePositive("timeout", timeout);
      requirePositive("connectTimeout", connectTimeout);
      if (maxRedirects < 0) {
        throw new IllegalArgumentException("maxRedirects is negative: " + maxRedirects);
      }
      if (maxConcurrent <= 0 || maxConcurrentPerOrigin <= 0) {
        throw new IllegalArgumentException(
            "maxConcurrent and maxConcurrentPerOrigin are positive: "
                + maxConcurrent
                + ", "
                + maxConcurrentPerOrigin);
      }
      if (maxAhead < maxConcurrent) {
        throw new IllegalArgumentException(
            "maxAhead is less than maxConcurrent: " + maxAhead + ", " + maxConcurrent);
      }
    }

    /**
     * 32 MiB, 10 s, 3 s to connect, 5 redirects, 128 at once, 32 of them to one origin, 256 that
     * are not answered yet.
     */
    public static Limits defaults() {
      return new Limits(32L << 20, Duration.ofSeconds(10), Duration.ofSeconds(3), 5, 128, 32, 256);
    }
  }

  /**
   * Which hosts and buckets may be read; {@link AddressPolicy} says how entries are written.
   *
   * @param allow empty: any public http or https address
   * @param deny wins over allow
   * @param allowDowngrade whether an https address may redirect to an http one
   */
  public record Addresses(List<String> allow, List<String> deny, boolean allowDowngrade) {
    public Addresses {
      allow = List.copyOf(allow);
      deny = List.copyOf(deny);
    }

    /** Any public http or https address, no downgrade. */
    public static Addresses defaults() {
      return new Addresses(List.of(), List.of(), false);
    }
  }

  /**
   * Quick retries in place, for what a moment heals. Later ones are the retry topics' business.
   *
   * @param maxAttempts from 1, the first one counted
   * @param window no attempt begins later than this after the first began
   * @param firstDelay before the second attempt, on average; doubles with each, half of it random
   */
  public record Retries(int maxAttempts, Duration window, Duration firstDelay) {
    public Retries {
      if (maxAttempts < 1) {
        throw new IllegalArgumentException("maxAttempts counts from 1: " + maxAttempts);
      }
      requirePositive("window", window);
      requirePositive("firstDelay", firstDelay);
    }

    /** Three attempts within 2 s, 100 ms before the second. */
    public static Retries defaults() {
      return new Retries(3, Duration.ofSeconds(2), Duration.ofMillis(100));
    }
  }

  /**
   * When an origin (scheme, host and port; a bucket) is left alone for a while.
   *
   * @param window how many of the latest requests are looked at, positive; what fails for a request
   *     again and again counts once
   * @param minimumCalls fewer say nothing, from 1 to {@code window}
   * @param failurePercent at this share of failures and above it opens, from 1 to 100
   * @param openFor how long it stays open before one attempt is let through again
   * @param outageLimit how long a request waits in all for origins that are down, before it fails
   * @param maxOrigins how many origins are remembered, positive; of those that nobody is at, the
   *     one unused longest is forgotten
   */
  public record Breaker(
      int window,
      int minimumCalls,
      int failurePercent,
      Duration openFor,
      Duration outageLimit,
      int maxOrigins) {
    public Breaker {
      if (minimumCalls < 1 || minimumCalls > window) {
        throw new IllegalArgumentException(
            "minimumCalls is from 1 to the window of " + window + ": " + minimumCalls);
      }
      if (failurePercent < 1 || failurePercent > 100) {
        throw new IllegalArgumentException("failurePercent is from 1 to 100: " + failurePercent);
      }
      requirePositive("openFor", openFor);
      requirePositive("outageLimit", outageLimit);
      if (maxOrigins < 1) {
        throw new IllegalArgumentException("maxOrigins is not positive: " + maxOrigins);
      }
    }

    /**
     * Half of the latest 20 failed, 10 at least: open for 10 s; requests wait for up to a day; 1000
     * origins.
     */
    public static Breaker defaults() {
      return new Breaker(20, 10, 50, Duration.ofSeconds(10), Duration.ofDays(1), 1000);
    }
  }

  private static void requirePositive(String name, Duration duration) {
    if (!duration.isPositive()) {
      throw new IllegalArgumentException(name + " is not positive: " + duration);
    }
  }
}
