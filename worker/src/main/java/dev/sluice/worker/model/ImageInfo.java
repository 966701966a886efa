package dev.sluice.worker.model;

import static java.util.Objects.requireNonNull;

/**
 * The image as it arrived.
 *
 * @param width pixels as a person sees it, EXIF orientation applied
 * @param height pixels as a person sees it, EXIF orientation applied
 * @param format jpeg, png, webp, bmp, gif or tiff, from the bytes
 * @param byteSize size of the encoded image
 */
public record ImageInfo(int width, int height, String format, long byteSize) {
  public ImageInfo {
    requireNonNull(format, "format is null");
  }
}
