package dev.sluice.worker.inference.text;

import dev.sluice.worker.model.DecodedImage;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.ImageInfo;
import dev.sluice.worker.model.Pixels;
import dev.sluice.worker.model.Placement;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.util.List;

/** Images in the geometries that reading text asks for, scaled by the mean over each pixel. */
final class Photographs {
  private Photographs() {}

  static DecodedImage decoded(BufferedImage image, List<Geometry> geometries) {
    return new DecodedImage(
        new ImageInfo(image.getWidth(), image.getHeight(), "png", 1),
        geometries.stream().map(geometry -> pixels(image, (Geometry.Within) geometry)).toList());
  }

  /** Opaque, on white. */
  static BufferedImage opaque(BufferedImage image) {
    BufferedImage opaque =
        new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = opaque.createGraphics();
    graphics.drawImage(image, 0, 0, Color.WHITE, null);
    graphics.dispose();
    return opaque;
  }

  /** Turned by a quarter, clockwise. */
  static BufferedImage turned(BufferedImage image) {
    BufferedImage turned =
        new BufferedImage(image.getHeight(), image.getWidth(), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = turned.createGraphics();
    graphics.drawImage(image, new AffineTransform(0, 1, -1, 0, image.getHeight(), 0), null);
    graphics.dispose();
    return turned;
  }

  private static Pixels pixels(BufferedImage image, Geometry.Within within) {
    double scale =
        Math.min(1, (double) within.longerSide() / Math.max(image.getWidth(), image.getHeight()));
    int width = side(image.getWidth() * scale, within.multiple());
    int height = side(image.getHeight() * scale, within.multiple());
    double scaleX = (double) image.getWidth() / width;
    double scaleY = (double) image.getHeight() / height;
    byte[] rgb = new byte[width * height * 3];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int channel = 0; channel < 3; channel++) {
          rgb[3 * (y * width + x) + channel] =
              (byte) Math.round(mean(image, x * scaleX, y * scaleY, scaleX, scaleY, channel));
        }
      }
    }
    return new Pixels(width, height, rgb, new Placement(0, 0, scaleX, scaleY));
  }

  private static int side(double length, int multiple) {
    return (int) Math.max(Math.round(length / multiple), 1) * multiple;
  }

  private static double mean(
      BufferedImage image, double x, double y, double width, double height, int channel) {
    double sum = 0;
    double weights = 0;
    for (int row = (int) y; row < Math.min(y + height, image.getHeight()); row++) {
      double tall = Math.min(row + 1, y + height) - Math.max(row, y);
      for (int column = (int) x; column < Math.min(x + width, image.getWidth()); column++) {
        double weight = tall * (Math.min(column + 1, x + width) - Math.max(column, x));
        sum += weight * (image.getRGB(column, row) >> (16 - 8 * channel) & 0xFF);
        weights += weight;
      }
    }
    return sum / weights;
  }
}
