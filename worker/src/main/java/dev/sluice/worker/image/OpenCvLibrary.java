package dev.sluice.worker.image;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.worker.model.NativeEnvironment;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;

/**
 * Loads OpenCV once for the process. Only core, imgproc and imgcodecs, with what they link to, are
 * unpacked, on first use, to JavaCPP's cache folder ({@code ~/.javacpp/cache}, or the system
 * property {@code org.bytedeco.javacpp.cachedir}): about 120 MB, most of it OpenBLAS.
 *
 * <p>OpenCV reads its own pixel limit from the environment when it is loaded, so it is put there
 * before. The limit is a second fence: the header is measured in Java first.
 */
final class OpenCvLibrary {
  private static final Object LOCK = new Object();

  @GuardedBy("LOCK")
  private static long loadedMaxPixels;

  private OpenCvLibrary() {}

  /**
   * Loads the library with this pixel limit, or finds it loaded with one as large.
   *
   * @throws IllegalStateException when it was loaded with a smaller limit, which cannot be raised
   */
  static void load(long maxPixels) {
    synchronized (LOCK) {
      if (loadedMaxPixels == 0) {
        NativeEnvironment.set("OPENCV_IO_MAX_IMAGE_PIXELS", Long.toString(maxPixels));
        // What fails is thrown here; the library's own complaints would flood stderr.
        NativeEnvironment.set("OPENCV_LOG_LEVEL", "FATAL");
        // JavaCPP would count native memory. Once the whole process had grown past four times the
        // heap, as one with large models does, it would stop each allocation for a second and then
        // refuse it. What is made here is freed by its scope, so there is nothing to watch.
        System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
        Loader.load(opencv_core.class);
        Loader.load(opencv_imgproc.class);
        Loader.load(opencv_imgcodecs.class);
        // The decoder has a thread for each core; more inside each call would only get in the way.
        opencv_core.setNumThreads(1);
        loadedMaxPixels = maxPixels;
      }
      if (maxPixels > loadedMaxPixels) {
        throw new IllegalStateException(
            "OpenCV was loaded in this process with a limit of "
                + loadedMaxPixels
                + " pixels, which cannot be raised to "
                + maxPixels);
      }
    }
  }
}
