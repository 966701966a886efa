package dev.sluice.system;

import dev.sluice.v1.InferenceRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The images of {@link Requests#color} as files, for requests that say where their image is.
 * Immutable.
 *
 * @param folder where they lie
 */
record ColorFiles(Path folder) {
  private static final int COLORS = 3;

  /** Writes them. */
  static ColorFiles create(Path folder) {
    try {
      Files.createDirectories(folder);
      for (int color = 0; color < COLORS; color++) {
        Files.write(folder.resolve(name(color)), bytes(color));
      }
      return new ColorFiles(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to " + folder, e);
    }
  }

  /** The file name of the image number {@code number}. */
  static String name(int number) {
    return Requests.label(Requests.color(number).getRequestId()) + ".png";
  }

  /** The image number {@code number}. */
  static byte[] bytes(int number) {
    ByteBuffer image = Requests.color(number).getImageBytes().duplicate();
    byte[] bytes = new byte[image.remaining()];
    image.get(bytes);
    return bytes;
  }

  /**
   * A request for the image number {@code number}, which is at a place.
   *
   * @param place the address of the folder, without a slash at the end
   */
  static InferenceRequest request(int number, String place) {
    return InferenceRequest.newBuilder()
        .setRequestId(Requests.color(number).getRequestId())
        .setImageUri(place + "/" + name(number))
        .build();
  }
}
