package dev.sluice.worker.inference;

import ai.onnxruntime.OrtEnvironment;
import dev.sluice.worker.model.NativeEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads ONNX Runtime. Any thread may use this.
 *
 * <p>Its telemetry is off. Since 1.29.0 the library for Linux reports to its maker unless {@code
 * ORT_DISABLE_TELEMETRY} is set, and while it prepares the first report it runs a recursive regular
 * expression over the process's command line: one of some four thousand characters (a class path,
 * say) overflows the stack and ends the JVM without a word. {@code OrtEnvironment.setTelemetry}
 * comes too late for that.
 *
 * <p>Its libraries are unpacked once for all processes. By itself ONNX Runtime unpacks them to a
 * new temporary folder each time (28 MB, on a GPU 580 MB), which a process that is killed leaves
 * behind: a worker that is restarted again and again fills the disk.
 */
final class OnnxRuntimeLibrary {
  /** Where ONNX Runtime looks for its libraries before it unpacks its own. */
  static final String NATIVE_PATH = "onnxruntime.native.path";

  private static final Logger LOG = LoggerFactory.getLogger(OnnxRuntimeLibrary.class);

  /** The first one tells one build from another. */
  private static final List<String> LIBRARIES =
      List.of(
          "libonnxruntime.so",
          "libonnxruntime4j_jni.so",
          "libonnxruntime_providers_shared.so",
          "libonnxruntime_providers_cuda.so",
          "libonnxruntime_providers_tensorrt.so");

  static {
    NativeEnvironment.set("ORT_DISABLE_TELEMETRY", "1");
    if (System.getProperty(NATIVE_PATH) == null) {
      try {
        System.setProperty(NATIVE_PATH, unpacked(cacheFolder()).toString());
      } catch (IOException e) {
        LOG.info("ONNX Runtime is unpacked anew, since its libraries cannot be kept", e);
      }
    }
  }

  private OnnxRuntimeLibrary() {}

  /** The process's one environment; loads the library when first called. */
  static OrtEnvironment environment() {
    return OrtEnvironment.getEnvironment();
  }

  /** {@code sluice} in the user's cache folder, as the XDG base directory specification has it. */
  private static Path cacheFolder() {
    String said = System.getenv("XDG_CACHE_HOME");
    Path caches =
        said == null || said.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(said);
    return caches.resolve("sluice");
  }

  /**
   * The folder below {@code cache} that holds the libraries of this class path; made when it is not
   * there. Processes that make it at the same time make the same.
   */
  static Path unpacked(Path cache) throws IOException {
    URL first =
        resource(LIBRARIES.getFirst())
            .orElseThrow(() -> new IOException("the class path has no library for this machine"));
    if (!(first.openConnection() instanceof JarURLConnection jar)) {
      throw new IOException(first + " is not in a jar");
    }
    Path folder = cache.resolve("onnxruntime-%08x".formatted(jar.getJarEntry().getCrc()));
    if (Files.isDirectory(folder)) {
      return folder;
    }
    Path partial = Files.createTempDirectory(Files.createDirectories(cache), "onnxruntime-");
    for (String library : LIBRARIES) {
      Optional<URL> resource = resource(library);
      if (resource.isPresent()) {
        try (InputStream bytes = resource.get().openStream()) {
          Files.copy(bytes, partial.resolve(library));
        }
      }
    }
    return moved(partial, folder);
  }

  /** Only a whole folder ever has its name. */
  private static Path moved(Path partial, Path folder) throws IOException {
    try {
      return Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      for (String library : LIBRARIES) {
        Files.deleteIfExists(partial.resolve(library));
      }
      Files.delete(partial);
      if (Files.isDirectory(folder)) {
        return folder; // Another process was faster.
      }
      throw e;
    }
  }

  private static Optional<URL> resource(String library) {
    return Optional.ofNullable(
        OrtEnvironment.class.getResource(
            "/ai/onnxruntime/native/linux-%s/%s".formatted(architecture(), library)));
  }

  private static String architecture() {
    return switch (System.getProperty("os.arch")) {
      case "amd64" -> "x64";
      case String other -> other;
    };
  }
}
