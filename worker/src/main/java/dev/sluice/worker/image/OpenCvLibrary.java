package dev.sluice.worker.image;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;

/**
 * Loads OpenCV once for the process. Only core, imgproc and imgcodecs, with what they link to, are
 * unpacked, on first use, to JavaCPP's cache folder ({@code ~/.javacpp/cache}, or the system
 * property {@code org.bytedeco.javacpp.cachedir}): about 120 MB, most of it OpenBLAS.
 *
 * <p>OpenCV reads its own pixel limit from the environment when it is loaded, and Java cannot
 * change the environment of its process. C can: {@code setenv} is called through java.lang.foreign
 * before the library is loaded. The limit is a second fence: the header is measured in Java first.
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
        setEnvironment("OPENCV_IO_MAX_IMAGE_PIXELS", Long.toString(maxPixels));
        // What fails is thrown here; the library's own complaints would flood stderr.
        setEnvironment("OPENCV_LOG_LEVEL", "FATAL");
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

  @SuppressWarnings("restricted")
  private static void setEnvironment(String name, String value) {
    Linker linker = Linker.nativeLinker();
    MemorySegment function = linker.defaultLookup().findOrThrow("setenv");
    MethodHandle setenv =
        linker.downcallHandle(
            function,
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int result = (int) setenv.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 1);
      if (result != 0) {
        throw new IllegalStateException("setenv refused " + name);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("setenv cannot be called", e);
    }
  }
}
