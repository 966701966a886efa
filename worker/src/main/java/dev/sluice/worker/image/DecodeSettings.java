package dev.sluice.worker.image;

/**
 * Bounds of the decoder.
 *
 * @param maxPixels width times height of the largest image that is decoded; an image needs about 3
 *     bytes a pixel of native memory while it is decoded, one with transparency up to 11
 * @param threads how many images are decoded at once, positive; the number of cores is right
 */
public record DecodeSettings(long maxPixels, int threads) {
  public DecodeSettings {
    if (maxPixels <= 0 || maxPixels > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "maxPixels is from 1 to " + Integer.MAX_VALUE + ": " + maxPixels);
    }
    if (threads <= 0) {
      throw new IllegalArgumentException("threads is not positive: " + threads);
    }
  }

  /** 64 million pixels (a 192 MB image), as many threads as cores. */
  public static DecodeSettings defaults() {
    return new DecodeSettings(64_000_000, Runtime.getRuntime().availableProcessors());
  }
}
