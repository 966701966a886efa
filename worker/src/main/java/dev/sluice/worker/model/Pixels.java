package dev.sluice.worker.model;

import static java.util.Objects.requireNonNull;

/**
 * One rendition of a decoded image: 8-bit RGB, rows from the top, three bytes a pixel, no padding.
 *
 * @param width in pixels
 * @param height in pixels
 * @param rgb exactly {@code width * height * 3} bytes; not copied, never written to once made
 * @param placement where these pixels lie in the image
 */
public record Pixels(int width, int height, byte[] rgb, Placement placement) {
  public Pixels {
    requireNonNull(rgb, "rgb is null");
    requireNonNull(placement, "placement is null");
    if (rgb.length != Math.multiplyExact(Math.multiplyExact(width, height), 3)) {
      throw new IllegalArgumentException(
          rgb.length + " bytes are not " + width + " x " + height + " pixels of 3");
    }
  }

  @Override
  public String toString() {
    return "Pixels[" + width + "x" + height + ", " + placement + "]";
  }
}
