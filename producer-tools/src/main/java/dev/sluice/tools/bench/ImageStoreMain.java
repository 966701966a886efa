package dev.sluice.tools.bench;

import dev.sluice.devstack.ImageServer;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * The image server in a process of its own, so that what it costs is not taken for the driver's, or
 * the driver's for its.
 */
public final class ImageStoreMain {
  private ImageStoreMain() {}

  /**
   * Serves until it is ended.
   *
   * @param arguments a folder, and the port
   */
  public static void main(String[] arguments) throws InterruptedException {
    try (ImageServer server =
        ImageServer.launch(Path.of(arguments[0]), Integer.parseInt(arguments[1]))) {
      System.out.println("serving " + arguments[0] + " at " + server.url());
      new CountDownLatch(1).await();
    }
  }
}
