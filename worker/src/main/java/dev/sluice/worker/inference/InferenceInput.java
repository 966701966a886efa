package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.DecodedImage;
import java.util.Map;

/**
 * One image of a batch.
 *
 * @param image decoded in the geometries that the model's task asked for
 * @param parameters the request's own settings, already accepted by {@link
 *     ModelTask#validateParameters}
 */
public record InferenceInput(DecodedImage image, Map<String, String> parameters) {
  public InferenceInput {
    requireNonNull(image, "image is null");
    parameters = Map.copyOf(parameters);
  }
}
