package dev.sluice.tools.bench;

import dev.sluice.devstack.JavaProgram;
import dev.sluice.devstack.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;

/** The image server's process. Safe for any thread. */
final class ImageStore implements AutoCloseable {
  private static final List<String> OPTIONS = List.of("-Xmx256m", "-XX:+UseSerialGC");

  private final int port;
  private final JavaProgram program;

  private ImageStore(int port, JavaProgram program) {
    this.port = port;
    this.program = program;
  }

  /** Serves a folder, and waits until it does. */
  static ImageStore launch(Path folder) {
    int port = Ports.free();
    JavaProgram program =
        JavaProgram.launch(
            "image-store",
            OPTIONS,
            ImageStoreMain.class.getName(),
            List.of(folder.toString(), String.valueOf(port)));
    try {
      program.awaitReady(() -> accepts(port));
      return new ImageStore(port, program);
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  /** Its base URL, without a slash at the end. */
  String url() {
    return "http://127.0.0.1:" + port;
  }

  private static boolean accepts(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false; // Not yet.
    }
  }

  @Override
  public void close() {
    program.close();
  }
}
