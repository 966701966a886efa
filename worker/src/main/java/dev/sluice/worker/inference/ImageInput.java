package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import dev.sluice.worker.inference.Normalizer.ColorOrder;
import dev.sluice.worker.inference.Normalizer.Layout;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.Pixels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How an image becomes the one input of a graph.
 *
 * @param geometry the size in which the graph wants it
 * @param normalizer how its levels become the graph's numbers
 */
record ImageInput(Geometry geometry, Normalizer normalizer) {
  private static final int CHANNELS = 3;
  private static final List<Double> NO_MEAN = List.of(0.0, 0.0, 0.0);
  private static final List<Double> NO_STD = List.of(1.0, 1.0, 1.0);

  /** Takes one run's outputs apart. */
  interface RowReader<T> {
    List<T> rows(GraphOutputs outputs, int images);
  }

  ImageInput {
    requireNonNull(geometry, "geometry is null");
    requireNonNull(normalizer, "normalizer is null");
  }

  /**
   * Reads it off the graph's own input, its metadata and model.yaml.
   *
   * @param unset how images are fitted when nobody says
   * @throws IllegalArgumentException when the graph takes no image, or model.yaml says what the
   *     graph contradicts; names the tensor and the shapes
   */
  static ImageInput of(ModelSettings settings, GraphSignature signature, Resize.Kind unset) {
    TensorSignature input = onlyInput(signature);
    Layout layout = layout(settings, input);
    return new ImageInput(
        geometry(settings, signature, input, layout, unset), normalizer(settings, input, layout));
  }

  /**
   * Runs a batch, one run for each size among its images.
   *
   * @param rows makes one result for each image of a run, in the run's order; is given how many
   *     there are
   * @return one result for each image, in the batch's order
   */
  <T> List<T> run(Graph graph, List<InferenceInput> batch, RowReader<T> rows) {
    if (oneSize(batch)) {
      List<Pixels> images = batch.stream().map(ImageInput::pixels).toList();
      return rows.rows(graph.run(images, normalizer), images.size());
    }
    Map<List<Integer>, List<Integer>> bySize = new LinkedHashMap<>();
    for (int i = 0; i < batch.size(); i++) {
      Pixels pixels = pixels(batch.get(i));
      bySize
          .computeIfAbsent(List.of(pixels.width(), pixels.height()), size -> new ArrayList<>())
          .add(i);
    }
    Map<Integer, T> results = new LinkedHashMap<>();
    for (List<Integer> indices : bySize.values()) {
      List<Pixels> images = indices.stream().map(i -> pixels(batch.get(i))).toList();
      List<T> made = rows.rows(graph.run(images, normalizer), images.size());
      for (int i = 0; i < indices.size(); i++) {
        results.put(indices.get(i), made.get(i));
      }
    }
    return IntStream.range(0, batch.size())
        .mapToObj(i -> requireNonNull(results.get(i), "a run left an image out"))
        .toList();
  }

  private static boolean oneSize(List<InferenceInput> batch) {
    Pixels first = pixels(batch.getFirst());
    for (InferenceInput input : batch) {
      Pixels pixels = pixels(input);
      if (pixels.width() != first.width() || pixels.height() != first.height()) {
        return false;
      }
    }
    return true;
  }

  private static Pixels pixels(InferenceInput input) {
    return input.image().renditions().getFirst();
  }

  private static TensorSignature onlyInput(GraphSignature signature) {
    if (signature.inputs().size() != 1) {
      throw new IllegalArgumentException(
          "takes %d inputs %s; expected one, the image"
              .formatted(signature.inputs().size(), signature.inputs()));
    }
    TensorSignature input = signature.inputs().getFirst();
    if (input.shape().size() != 4) {
      throw new IllegalArgumentException(
          ("input %s is no image: expected [batch, %d, height, width] or [batch, height, width,"
                  + " %d], found %s")
              .formatted(input.name(), CHANNELS, CHANNELS, input.shape()));
    }
    return input;
  }

  private static Layout layout(ModelSettings settings, TensorSignature input) {
    Layout layout = settings.get(ModelKey.LAYOUT).orElseGet(() -> guess(input));
    long channels = input.shape().get(layout == Layout.NCHW ? 1 : 3);
    if (channels != CHANNELS && channels != Resize.DYNAMIC) {
      throw new IllegalArgumentException(
          "input %s has %d channels in layout %s, expected %d: found %s, expected %s"
              .formatted(
                  input.name(),
                  channels,
                  layout,
                  CHANNELS,
                  input.shape(),
                  layout == Layout.NCHW
                      ? "[batch, 3, height, width]"
                      : "[batch, height, width, 3]"));
    }
    return layout;
  }

  private static Layout guess(TensorSignature input) {
    boolean lastIsChannels = input.shape().get(3) == CHANNELS;
    boolean secondIsChannels = input.shape().get(1) == CHANNELS;
    return lastIsChannels && !secondIsChannels ? Layout.NHWC : Layout.NCHW;
  }

  private static Geometry geometry(
      ModelSettings settings,
      GraphSignature signature,
      TensorSignature input,
      Layout layout,
      Resize.Kind unset) {
    int height = side(input, layout == Layout.NCHW ? 2 : 1);
    int width = side(input, layout == Layout.NCHW ? 3 : 2);
    Resize otherwise = new Resize(unset, Map.of());
    Optional<UltralyticsMetadata> ultralytics = UltralyticsMetadata.read(signature.metadata());
    if (ultralytics.isPresent()) {
      UltralyticsMetadata said = ultralytics.get();
      height = height == Resize.DYNAMIC ? said.height() : height;
      width = width == Resize.DYNAMIC ? said.width() : width;
      // Ultralytics scales a classifier's images to the model's size without the usual margin.
      otherwise =
          said.task().equals("classify")
              ? new Resize(Resize.Kind.CENTER_CROP, Map.of("shorter_side", Math.max(width, height)))
              : new Resize(Resize.Kind.LETTERBOX, Map.of());
    }
    try {
      return settings.get(ModelKey.RESIZE, otherwise).geometry(width, height);
    } catch (IllegalArgumentException impossible) {
      throw new IllegalArgumentException(
          "resize in %s does not fit input %s: %s"
              .formatted(ModelSettings.FILE_NAME, input, impossible.getMessage()),
          impossible);
    }
  }

  private static int side(TensorSignature input, int axis) {
    return Math.toIntExact(input.shape().get(axis));
  }

  private static Normalizer normalizer(
      ModelSettings settings, TensorSignature input, Layout layout) {
    boolean takesBytes = input.datatype().equals("UINT8");
    Normalizer normalizer =
        new Normalizer(
            layout,
            settings.get(ModelKey.COLOR, ColorOrder.RGB),
            settings.get(ModelKey.SCALE, takesBytes ? 1 : 1.0 / 255),
            settings.get(ModelKey.MEAN, NO_MEAN),
            settings.get(ModelKey.STD, NO_STD));
    if (takesBytes && !normalizer.keepsLevels()) {
      throw new IllegalArgumentException(
          "input %s takes the bytes as they are; remove scale, mean and std".formatted(input));
    }
    return normalizer;
  }
}
