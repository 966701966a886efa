package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.Pixels;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
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
    BGR;

    /** Where among a pixel's red, green and blue a channel of the graph stands. */
    int index(int channel) {
      return this == RGB ? channel : CHANNELS - 1 - channel;
    }
  }

  private final Layout layout;
  private final ColorOrder color;

  /** For each of the graph's channels, in its order, the number for each of the 256 levels. */
  private final float[][] numbers = new float[CHANNELS][LEVELS];

  /** The same in half precision. */
  private final short[][] halves = new short[CHANNELS][LEVELS];

  /** The same rounded, from 0 to 255. */
  private final byte[][] bytes = new byte[CHANNELS][LEVELS];

  private final boolean levelsUnchanged;
  private final double[] factors = new double[CHANNELS];
  private final double[] offsets = new double[CHANNELS];

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
      factors[channel] = scale / std.get(channel);
      offsets[channel] = -mean.get(channel) / std.get(channel);
      for (int level = 0; level < LEVELS; level++) {
        double number = (level * scale - mean.get(channel)) / std.get(channel);
        if (!Double.isFinite(number)) {
          throw new IllegalArgumentException(
              "scale, mean and std give no number: %s, %s, %s".formatted(scale, mean, std));
        }
        numbers[channel][level] = (float) number;
        halves[channel][level] = Float.floatToFloat16((float) number);
        bytes[channel][level] = (byte) Math.clamp(Math.round((float) number), 0, 255);
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

  /** The graph's channel order. */
  ColorOrder color() {
    return color;
  }

  /** What a level of each channel is multiplied with, in the graph's order. */
  double[] factors() {
    return factors.clone();
  }

  /** What is added then. */
  double[] offsets() {
    return offsets.clone();
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
  void write(Pixels pixels, FloatBuffer into, int offset) {
    byte[] rgb = pixels.rgb();
    int area = pixels.width() * pixels.height();
    int stride = stride();
    for (int channel = 0; channel < CHANNELS; channel++) {
      float[] number = numbers[channel];
      int from = color.index(channel);
      int to = offset + first(channel, area);
      for (int i = 0; i < area; i++) {
        into.put(to + i * stride, number[rgb[from + i * CHANNELS] & 0xFF]);
      }
    }
  }

  /** As {@link #write(Pixels, FloatBuffer, int)}, in half precision. */
  void write(Pixels pixels, ShortBuffer into, int offset) {
    byte[] rgb = pixels.rgb();
    int area = pixels.width() * pixels.height();
    int stride = stride();
    for (int channel = 0; channel < CHANNELS; channel++) {
      short[] number = halves[channel];
      int from = color.index(channel);
      int to = offset + first(channel, area);
      for (int i = 0; i < area; i++) {
        into.put(to + i * stride, number[rgb[from + i * CHANNELS] & 0xFF]);
      }
    }
  }

  /** As {@link #write(Pixels, FloatBuffer, int)}, rounded and held between 0 and 255. */
  void write(Pixels pixels, ByteBuffer into, int offset) {
    byte[] rgb = pixels.rgb();
    if (copiesBytes()) {
      into.put(offset, rgb);
      return;
    }
    int area = pixels.width() * pixels.height();
    int stride = stride();
    for (int channel = 0; channel < CHANNELS; channel++) {
      byte[] number = bytes[channel];
      int from = color.index(channel);
      int to = offset + first(channel, area);
      for (int i = 0; i < area; i++) {
        into.put(to + i * stride, number[rgb[from + i * CHANNELS] & 0xFF]);
      }
    }
  }

  /** How far the numbers of one channel lie apart. */
  private int stride() {
    return layout == Layout.NCHW ? 1 : CHANNELS;
  }

  /** Where the first number of a channel goes. */
  private int first(int channel, int area) {
    return layout == Layout.NCHW ? channel * area : channel;
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
    FloatBuffer values = FloatBuffer.allocate(Math.multiplyExact(images.size(), size));
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
