package dev.sluice.worker.image;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.ByteBudget;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.ImageSource;
import dev.sluice.worker.model.ImageTask;
import dev.sluice.worker.model.Integrity;
import dev.sluice.worker.model.Parking;
import dev.sluice.worker.model.TaskException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets the encoded image of a request: over http or https, from S3, from a file under a configured
 * root, or out of the request itself. Any thread may call it; it blocks, so a virtual one should.
 *
 * <p>What a fetch may cost is bounded whatever a server does: in time to its last byte, in bytes,
 * in redirects, in attempts, and in how many run at once. The bytes are reserved before they are
 * read.
 */
public final class ImageFetcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ImageFetcher.class);

  private final FetchSettings settings;
  private final InstantSource clock;
  private final Memory memory;
  private final Origins origins;
  private final QuickRetry retry;
  private final Alarms alarms;
  private final Watchdog watchdog = new Watchdog();
  private final Names names;
  private final HttpSource http;
  private final ObjectStore objects;
  private final FileSource files;

  /**
   * @param budget where the bytes of images and renditions are reserved
   * @param clock for deadlines and the limit of an outage
   */
  public ImageFetcher(FetchSettings settings, ByteBudget budget, InstantSource clock) {
    this(settings, budget, clock, NameResolver.system(), Alarms.system());
  }

  /**
   * @param alarms closed with this
   */
  ImageFetcher(
      FetchSettings settings,
      ByteBudget budget,
      InstantSource clock,
      NameResolver resolver,
      Alarms alarms) {
    this.settings = requireNonNull(settings, "settings is null");
    this.clock = requireNonNull(clock, "clock is null");
    FetchSettings.Limits limits = settings.limits();
    this.memory = new Memory(budget, limits.maxBytes());
    this.alarms = requireNonNull(alarms, "alarms is null");
    this.origins = new Origins(limits, settings.breaker(), alarms, clock);
    this.retry = new QuickRetry(settings.retry());
    this.names = new Names(resolver);
    AddressPolicy policy =
        new AddressPolicy(settings.addresses().allow(), settings.addresses().deny());
    this.files = new FileSource(settings.fileRoots(), memory);
    this.http = new HttpSource(limits, policy, names, memory, watchdog);
    this.objects =
        policy.allowsBuckets()
            ? new ObjectStore.Open(new S3Source(settings.s3(), limits, policy, memory, watchdog))
            : new ObjectStore.Closed(policy);
  }

  /**
   * Gets the image, checked against the producer's checksum, with memory reserved for it and for
   * {@code renditionBytes} more.
   *
   * <p>While the origin of the image is down for everybody the request waits, for as long as its
   * deadline and the limit of an outage allow; the timeout of the fetch begins anew after that.
   *
   * @param renditionBytes what decoding will need, as {@link ImageDecoder#renditionBytes} says
   * @param parking hears when the request waits for an origin that is down
   * @return to be closed by the caller
   * @throws TaskException when there is no image: with the code that DESIGN's list has for the
   *     reason, DEADLINE_EXCEEDED as soon as the task's deadline has passed
   */
  public FetchedImage fetch(ImageTask task, long renditionBytes, Parking parking)
      throws InterruptedException {
    TimeLimit limit = TimeLimit.start(settings.limits().timeout(), task.deadline(), clock);
    limit.requireTime("the request waited to be fetched");
    Fetch fetch = new Fetch(limit, parking, settings.breaker().outageLimit(), task.attempt());
    FetchedImage image =
        switch (task.source()) {
          case ImageSource.Inline(byte[] bytes) -> inline(bytes, renditionBytes, limit);
          case ImageSource.Remote(String uri) -> remote(uri, renditionBytes, fetch);
        };
    boolean right = false;
    try {
      check(image.bytes(), task.integrity());
      right = true;
      return image;
    } finally {
      if (!right) {
        image.close();
      }
    }
  }

  /**
   * How many images have been fetched from somewhere, or are being fetched, and not been closed: as
   * many as {@link #maxImagesAhead} when decoding or a lane is what requests wait for.
   */
  public int imagesAhead() {
    return origins.imagesAhead();
  }

  /** How many that may be. */
  public int maxImagesAhead() {
    return settings.limits().maxAhead();
  }

  /** How each origin fetched from of late stands, by its name. */
  public Map<String, OriginState> origins() {
    return origins.states();
  }

  /** Closes every connection; fetches that run fail. */
  @Override
  public void close() {
    alarms.close();
    objects.close();
    try {
      http.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      names.close();
      watchdog.close();
    }
  }

  /** The record's own bytes are counted where the record was read. */
  private FetchedImage inline(byte[] bytes, long renditionBytes, TimeLimit limit)
      throws InterruptedException {
    if (bytes.length > memory.maxBytes()) {
      throw memory.tooLarge("the image in the request", bytes.length + " bytes");
    }
    return new FetchedImage(bytes, memory.reserve(renditionBytes, limit));
  }

  private FetchedImage remote(String uri, long renditionBytes, Fetch fetch)
      throws InterruptedException {
    return switch (ImageUri.parse(uri)) {
      case ImageUri.Http address -> retry.run(fetch, () -> follow(address, renditionBytes, fetch));
      case ImageUri.S3 object ->
          tried(object.origin(), fetch, limit -> objects.get(object, renditionBytes, limit));
      case ImageUri.LocalFile file ->
          tried(files.origin(file), fetch, limit -> files.get(file, renditionBytes, limit));
    };
  }

  private FetchedImage tried(String origin, Fetch fetch, Origins.Attempt<FetchedImage> attempt)
      throws InterruptedException {
    return retry.run(fetch, () -> origins.attempt(origin, fetch, attempt));
  }

  private FetchedImage follow(ImageUri.Http start, long renditionBytes, Fetch fetch)
      throws InterruptedException {
    Set<ImageUri.Http> seen = new HashSet<>();
    ImageUri.Http address = start;
    int outages = fetch.outages();
    while (true) {
      ImageUri.Http hop = address;
      HttpSource.Answer answer;
      try {
        answer =
            origins.attempt(hop.origin(), fetch, limit -> http.get(hop, renditionBytes, limit));
      } catch (TaskException e) {
        if (seen.isEmpty() || fetch.outages() == outages || !isRefusal(e)) {
          throw e;
        }
        // Where a redirect led before the outage may have run out since; one from now may do.
        LOG.debug("{} was valid before an outage; asking {} again", hop, start, e);
        outages = fetch.outages();
        seen.clear();
        address = start;
        continue;
      }
      switch (answer) {
        case HttpSource.Answer.Arrived(FetchedImage image) -> {
          return image;
        }
        case HttpSource.Answer.Moved(ImageUri to) -> {
          seen.add(hop);
          address = next(hop, to, seen);
        }
      }
    }
  }

  private static boolean isRefusal(TaskException e) {
    return e.code() == ErrorCode.IMAGE_ACCESS_DENIED || e.code() == ErrorCode.IMAGE_NOT_FOUND;
  }

  private ImageUri.Http next(ImageUri.Http from, ImageUri to, Set<ImageUri.Http> seen) {
    if (!(to instanceof ImageUri.Http next)) {
      throw forbidden(from + " redirects to " + to + ", which is neither http nor https");
    }
    if (from.secure() && !next.secure() && !settings.addresses().allowDowngrade()) {
      throw forbidden(from + " redirects from https to http: " + next);
    }
    if (seen.contains(next)) {
      throw forbidden(from + " redirects in a circle, back to " + next);
    }
    if (seen.size() > settings.limits().maxRedirects()) {
      throw forbidden(
          from + " redirects once more after " + settings.limits().maxRedirects() + " redirects");
    }
    return next;
  }

  private static void check(byte[] bytes, Integrity integrity) {
    switch (integrity) {
      case Integrity.Unchecked() -> {}
      case Integrity.Sha256(String expected) -> {
        String actual = HexFormat.of().formatHex(sha256().digest(bytes));
        if (!actual.equals(expected)) {
          throw new TaskException(
              ErrorCode.IMAGE_CORRUPT,
              "the image's SHA-256 is %s, the request says %s".formatted(actual, expected));
        }
      }
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static TaskException forbidden(String message) {
    return new TaskException(ErrorCode.URI_FORBIDDEN, message);
  }

  /** An S3 client is only made when a bucket may be read: it wants a region to begin with. */
  private sealed interface ObjectStore extends AutoCloseable {
    FetchedImage get(ImageUri.S3 uri, long renditionBytes, TimeLimit limit)
        throws InterruptedException;

    @Override
    void close();

    record Open(S3Source source) implements ObjectStore {
      @Override
      public FetchedImage get(ImageUri.S3 uri, long renditionBytes, TimeLimit limit)
          throws InterruptedException {
        return source.get(uri, renditionBytes, limit);
      }

      @Override
      public void close() {
        source.close();
      }
    }

    record Closed(AddressPolicy policy) implements ObjectStore {
      @Override
      public FetchedImage get(ImageUri.S3 uri, long renditionBytes, TimeLimit limit) {
        policy.checkBucket(uri);
        throw new IllegalStateException("no bucket may be read, and yet " + uri + " may");
      }

      @Override
      public void close() {}
    }
  }
}
