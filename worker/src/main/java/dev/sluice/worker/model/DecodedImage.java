package dev.sluice.worker.model;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * An image ready for a model.
 *
 * @param info the image as it arrived
 * @param renditions one for each geometry that the model asked for, in that order
 */
public record DecodedImage(ImageInfo info, List<Pixels> renditions) {
  public DecodedImage {
    requireNonNull(info, "info is null");
    renditions = List.copyOf(renditions);
  }
}
