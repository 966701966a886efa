package dev.sluice.worker.image;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.DecodedImage;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.ImageInfo;
import dev.sluice.worker.model.TaskException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns encoded images into the RGB pixels that models want. Any thread may call it, a virtual one
 * above all: the native work is done by the decoder's own platform threads, since a virtual thread
 * that decodes would hold its carrier.
 *
 * <p>JPEG, PNG, WebP, GIF (first frame), BMP, TIFF (first page); grey, palette, CMYK and 16-bit
 * images become 8-bit RGB; EXIF orientation is applied; what is transparent shows white, as on a
 * page. A JPEG is decoded at a half, a quarter or an eighth where no rendition needs more.
 *
 * <p>A limit that is known: a JPEG with wrong bytes in the middle of its data and both ends in
 * place decodes to a picture that is damaged; libjpeg only complains on stderr. Producers who mind
 * send {@code image_sha256}.
 */
public final class ImageDecoder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ImageDecoder.class);

  /** No wait is longer; keeps a deadline in the far future from overflowing. */
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  private final DecodeSettings settings;
  private final InstantSource clock;
  private final ThreadPoolExecutor threads;

  /**
   * Loads OpenCV, which takes up to a second the first time on a machine.
   *
   * @param clock for deadlines
   */
  public ImageDecoder(DecodeSettings settings, InstantSource clock) {
    this.settings = requireNonNull(settings, "settings is null");
    this.clock = requireNonNull(clock, "clock is null");
    OpenCvLibrary.load(settings.maxPixels());
    this.threads =
        new ThreadPoolExecutor(
            settings.threads(),
            settings.threads(),
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("image-decoder-", 0).factory());
  }

  /**
   * Begins to load OpenCV on a thread of its own, so that a decoder that is made later finds it
   * loaded, or waits for the rest. What goes wrong is thrown where the decoder is made.
   */
  public static void preload(DecodeSettings settings) {
    Thread.ofPlatform()
        .daemon()
        .name("opencv-loader")
        .uncaughtExceptionHandler((_, e) -> LOG.debug("OpenCV could not be loaded ahead", e))
        .start(() -> OpenCvLibrary.load(settings.maxPixels()));
  }

  /** The most bytes that the renditions of one image in these geometries can take. */
  public static long renditionBytes(List<Geometry> geometries) {
    return geometries.stream().mapToLong(Fit::maxBytes).sum();
  }

  /**
   * Decodes one image in all the geometries that the model asks for; waits for a decoding thread.
   *
   * @param encoded the encoded image; not written to
   * @param geometries not empty
   * @param deadline until when to wait
   * @return its renditions in the order of {@code geometries}
   * @throws TaskException with IMAGE_CORRUPT when it cannot be read, IMAGE_TOO_LARGE when it has
   *     more pixels than allowed, DEADLINE_EXCEEDED once the deadline has passed, whatever the
   *     decoding threads are doing
   * @throws InterruptedException when interrupted while waiting; here and at the deadline a native
   *     call that has begun runs to its end in the background, on its own copy of the bytes
   */
  public DecodedImage decode(byte[] encoded, List<Geometry> geometries, Deadline deadline)
      throws InterruptedException {
    Rendering rendering = rendering(encoded, geometries);
    FutureTask<DecodedImage> decoding = new FutureTask<>(rendering::run);
    try {
      threads.execute(decoding);
      return await(decoding, deadline);
    } catch (ExecutionException e) {
      throw asThrown(e);
    } catch (CancellationException | RejectedExecutionException e) {
      throw new TaskException(ErrorCode.INTERNAL, "the decoder was closed", e);
    } finally {
      if (decoding.cancel(false)) {
        threads.remove(decoding);
      }
    }
  }

  /**
   * As {@link #decode}, on the thread that calls it, which the native call holds: for a platform
   * thread that has nothing else to do.
   */
  public DecodedImage decodeHere(byte[] encoded, List<Geometry> geometries) {
    return rendering(encoded, geometries).run();
  }

  private Rendering rendering(byte[] encoded, List<Geometry> geometries) {
    ImageHeader header = ImageHeader.parse(encoded);
    if (header.pixels() > settings.maxPixels()) {
      throw new TaskException(
          ErrorCode.IMAGE_TOO_LARGE,
          "image of %d x %d pixels is larger than the %d pixels allowed (images.max_pixels)"
              .formatted(header.width(), header.height(), settings.maxPixels()));
    }
    return new Rendering(encoded, header, List.copyOf(geometries));
  }

  /** An image that has been found small enough, and what is wanted of it. */
  private record Rendering(byte[] encoded, ImageHeader header, List<Geometry> wanted) {
    DecodedImage run() {
      ImageInfo info =
          new ImageInfo(
              header.orientedWidth(),
              header.orientedHeight(),
              header.format().label(),
              encoded.length);
      return new DecodedImage(info, NativeDecoding.renditions(encoded, header, wanted));
    }
  }

  private DecodedImage await(Future<DecodedImage> decoding, Deadline deadline)
      throws InterruptedException, ExecutionException {
    if (deadline instanceof Deadline.None) {
      return decoding.get();
    }
    while (true) {
      Duration left = deadline.timeLeft(clock.instant(), LONGEST_WAIT);
      try {
        return decoding.get(left.toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        if (deadline.isPast(clock.instant())) {
          throw new TaskException(
              ErrorCode.DEADLINE_EXCEEDED,
              "the deadline passed while the image was waiting to be decoded or was decoded",
              e);
        }
      }
    }
  }

  /** Images that wait for a decoding thread. */
  public int waiting() {
    return threads.getQueue().size();
  }

  /** Images that are being decoded. */
  public int running() {
    return threads.getActiveCount();
  }

  /** Stops the threads; a native call that has begun runs to its end. */
  @Override
  public void close() {
    for (Runnable waiting : threads.shutdownNow()) {
      if (waiting instanceof Future<?> future) {
        future.cancel(false);
      }
    }
  }

  private static RuntimeException asThrown(ExecutionException e) {
    return switch (e.getCause()) {
      case TaskException task -> task;
      case Error error -> throw error;
      case Throwable other ->
          new TaskException(ErrorCode.INTERNAL, "the decoder failed: " + other, other);
      case null -> new TaskException(ErrorCode.INTERNAL, "the decoder failed", e);
    };
  }
}
