package dev.sluice.tools.soak;

import dev.sluice.devstack.onnx.OnnxModels;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Objects;
import javax.imageio.ImageIO;

/** The images of a soak: a PNG of 32 by 32 pixels in each colour. Safe for any thread. */
final class Pictures {
  /** The path below which the image server has them; what is done to it is done to this path. */
  static final String FOLDER = "/images/";

  /** A file with the first half of an image. */
  static final String BROKEN = "broken.png";

  private static final int SIDE = 32;
  private static final Map<String, byte[]> ENCODED =
      Map.of("red", png(Color.RED), "green", png(Color.GREEN), "blue", png(Color.BLUE));

  private Pictures() {}

  /** An image of one colour of {@link OnnxModels#COLORS}. */
  static ByteBuffer of(String color) {
    return ByteBuffer.wrap(encoded(color)).asReadOnlyBuffer();
  }

  /** The name of its file. */
  static String file(String color) {
    return color + ".png";
  }

  /** Writes all files for an image server that serves {@code root}. */
  static Path write(Path root) throws IOException {
    Path folder = Files.createDirectories(root.resolve(FOLDER.substring(1)));
    for (String color : OnnxModels.COLORS) {
      Files.write(folder.resolve(file(color)), encoded(color));
    }
    for (int digit = 0; digit <= 9; digit++) {
      // Any path of digits leads back here: a file of one's own for each number.
      Files.createSymbolicLink(folder.resolve(String.valueOf(digit)), Path.of("."));
    }
    byte[] red = encoded("red");
    Files.write(folder.resolve(BROKEN), java.util.Arrays.copyOf(red, red.length / 2));
    return root;
  }

  /** The name of a file that is not there until {@link #restore}. */
  static String restoredFile(String color) {
    return "restored-" + file(color);
  }

  /** Puts the images in place that were not in the folder that {@link #write} has written. */
  static void restore(Path root) throws IOException {
    Path folder = root.resolve(FOLDER.substring(1));
    for (String color : OnnxModels.COLORS) {
      // Whole or not at all: it is being asked for.
      Path written = Files.write(folder.resolve("new-" + file(color)), encoded(color));
      Files.move(written, folder.resolve(restoredFile(color)), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static byte[] encoded(String color) {
    return Objects.requireNonNull(ENCODED.get(color), color);
  }

  private static byte[] png(Color color) {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(color);
    graphics.fillRect(0, 0, SIDE, SIDE);
    graphics.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, "png", out)) {
        throw new IllegalStateException("this JDK writes no PNG");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write a PNG", e);
    }
    return out.toByteArray();
  }
}
