import dev.sluice.worker.image.DecodeSettings;
import dev.sluice.worker.image.ImageDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Run while the worker's image is built, so that no container unpacks 150 MB when it starts: OpenCV
 * by loading it with JavaCPP's cache folder set, ONNX Runtime's libraries (which otherwise go to a
 * new temporary folder of each process) by copying them to the folder named by the first argument.
 */
void main(String[] arguments) throws IOException {
  new ImageDecoder(DecodeSettings.defaults()).close();
  String architecture =
      switch (System.getProperty("os.arch")) {
        case "amd64" -> "x64";
        case String other -> other;
      };
  Path folder = Files.createDirectories(Path.of(arguments[0]));
  for (String library : List.of("libonnxruntime.so", "libonnxruntime4j_jni.so")) {
    String resource = "/ai/onnxruntime/native/linux-%s/%s".formatted(architecture, library);
    try (InputStream bytes = ImageDecoder.class.getResourceAsStream(resource)) {
      if (bytes == null) {
        throw new IOException("the class path has no " + resource);
      }
      Files.copy(bytes, folder.resolve(library));
    }
  }
}
