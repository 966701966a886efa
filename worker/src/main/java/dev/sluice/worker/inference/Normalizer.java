package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.Pixels;
import java.util.List;

/**
 * Turns 8-bit pixels into the numbers that a graph was trained on: {@code (level * scale - mean) /
 * std} for each channel, in the graph's layout and channel order. Immutable; any thread may call
 * it.
 */
public final class Normalizer {
  private static final int CHANNELS = 3;
  private static final int LEVELS = 256;

  /** How a graph orders an image's numbers. */
  public enum Layout {
    /** Channel by channel, each a plane of rows. */
    NCHW,
    /** Pixel by pixel, row by row, the channels of one pixel together. */
    NHWC
  }

  /** In which order a graph wants the three channels. */
  public enum ColorOrder {
    RGB,
    BGR
  }

  private final Layout layout;
  private final ColorOrder color;

  /** For each of the graph's channels, in its order, the number for each of the 256 levels. */
  private final float[][] numbers = new float[CHANNELS][LEVELS];

  private final boolean levelsUnchanged;

  /**
   * @param layout the graph's layout
   * @param color the graph's channel order
   * @param scale what a level from 0 to 255 is multiplied with before the mean is taken off; 1/255
   *     for means and deviations given for the range 0 to 1
   * @param mean one for each channel, in the graph's channel order
   * @param std one for each channel, in the graph's channel order, none of them 0
   */
  public Normalizer(
      Layout layout, ColorOrder color, double scale, List<Double> mean, List<Double> std) {
    this.layout = requireNonNull(layout, "layout is null");
    this.color = requireNonNull(color, "color is null");
    if (mean.size() != CHANNELS || std.size() != CHANNELS) {
      throw new IllegalArgumentException(
          "mean and std have three values, one for each channel: " + mean + ", " + std);
    }
    boolean unchanged = true;
    for (int channel = 0; channel < CHANNELS; channel++) {
      for (int level = 0; level < LEVELS; level++) {
        double number = (level * scale - mean.get(channel)) / std.get(channel);
        if (!Double.isFinite(number)) {
          throw new IllegalArgumentException(
              "scale, mean and std give no number: %s, %s, %s".formatted(scale, mean, std));
        }
        numbers[channel][level] = (float) number;
        unchanged &= number == level;
      }
    }
    levelsUnchanged = unchanged;
  }

  /** Levels 0 to 255 become 0 to 1, in RGB: how YOLO models are fed. */
  public static Normalizer unit(Layout layout) {
    return new Normalizer(
        layout, ColorOrder.RGB, 1.0 / 255, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));
  }

  /** The layout that {@link #write} writes. */
  public Layout layout() {
    return layout;
  }

  /**
   * Whether the numbers of an image are its bytes just as they are, so that a graph with a UINT8
   * input can be given {@link Pixels#rgb} itself.
   */
  public boolean copiesBytes() {
    return levelsUnchanged && layout == Layout.NHWC && color == ColorOrder.RGB;
  }

  /** Whether each number is the level of its pixel, whatever the order. */
  public boolean keepsLevels() {
    return levelsUnchanged;
  }

  /** The shape of a batch of images of this size. */
  public List<Long> shape(int batch, int width, int height) {
    return switch (layout) {
      case NCHW -> List.of((long) batch, (long) CHANNELS, (long) height, (long) width);
      case NHWC -> List.of((long) batch, (long) height, (long) width, (long) CHANNELS);
    };
  }

  /**
   * Writes one image's numbers: three for each pixel, from {@code offset} on.
   *
   * @throws IndexOutOfBoundsException when they do not fit
   */
  public void write(Pixels pixels, float[] into, int offset) {
    byte[] rgb = pixels.rgb();
    int area = pixels.width() * pixels.height();
    int firstByte = color == ColorOrder.RGB ? 0 : 2;
    int step = color == ColorOrder.RGB ? 1 : -1;
    int stride = layout == Layout.NCHW ? 1 : CHANNELS;
    for (int channel = 0; channel < CHANNELS; channel++) {
      float[] number = numbers[channel];
      int from = firstByte + channel * step;
      int to = offset + (layout == Layout.NCHW ? channel * area : channel);
      for (int i = 0; i < area; i++) {
        into[to + i * stride] = number[rgb[from + i * CHANNELS] & 0xFF];
      }
    }
  }

  /**
   * A batch of images of one size.
   *
   * @throws IllegalArgumentException when there is none, or their sizes differ
   */
  public FloatTensor tensor(List<Pixels> images) {
    requireOneSize(images);
    Pixels first = images.getFirst();
    int size = first.rgb().length;
    float[] values = new float[Math.multiplyExact(images.size(), size)];
    for (int i = 0; i < images.size(); i++) {
      write(images.get(i), values, i * size);
    }
    return new FloatTensor(shape(images.size(), first.width(), first.height()), values);
  }

  static void requireOneSize(List<Pixels> images) {
    if (images.isEmpty()) {
      throw new IllegalArgumentException("a batch has at least one image");
    }
    Pixels first = images.getFirst();
    for (Pixels image : images) {
      if (image.width() != first.width() || image.height() != first.height()) {
        throw new IllegalArgumentException(
            "images of one batch have one size: " + first + ", " + image);
      }
    }
  }
}
