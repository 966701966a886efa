package dev.sluice.worker.inference;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.Output.NamedTensor;
import dev.sluice.worker.model.Output.Tensors;
import dev.sluice.worker.model.TaskException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * All outputs as they are, for whatever the other tasks do not know. The batch dimension is cut
 * off. An output without one is answered whole, which can only be right for batches of 1; such a
 * model is refused at start unless its {@code max_batch_size} is 1. A request has no parameters.
 */
final class TensorsTask implements ModelTask {
  private final ImageInput image;

  private TensorsTask(ImageInput image) {
    this.image = image;
  }

  /**
   * Builds it for a graph.
   *
   * @throws IllegalArgumentException when the graph takes no image; names the tensor and the shapes
   */
  static TensorsTask of(ModelSettings settings, GraphSignature signature) {
    return new TensorsTask(ImageInput.of(settings, signature, Resize.Kind.STRETCH));
  }

  @Override
  public List<Geometry> geometries() {
    return List.of(image.geometry());
  }

  @Override
  public Optional<Normalizer> normalizer() {
    return Optional.of(image.normalizer());
  }

  @Override
  public void validateParameters(Map<String, String> parameters) {
    NumberParameter.validate(parameters, List.of());
  }

  @Override
  public List<Output> infer(Map<String, Graph> graphs, List<InferenceInput> batch) {
    return image.run(Graphs.main(graphs), batch, TensorsTask::perImage);
  }

  private static List<Output> perImage(GraphOutputs outputs, int images) {
    return IntStream.range(0, images)
        .<Output>mapToObj(i ->
            new Tensors(outputs.tensors().stream().map(tensor -> row(tensor, i, images)).toList()))
        .toList();
  }

  private static NamedTensor row(NamedTensor tensor, int index, int images) {
    List<Long> shape = tensor.shape();
    boolean hasBatchDimension = !shape.isEmpty() && shape.getFirst() == images;
    if (!hasBatchDimension && images > 1) {
      throw new TaskException(
          ErrorCode.MODEL_FAILED,
          "output %s has the shape %s for a batch of %d; expected %d first, or max_batch_size: 1"
              .formatted(tensor.name(), shape, images, images));
    }
    int length = tensor.data().remaining() / images;
    ByteBuffer data =
        GraphOutputs.copy(tensor.data().slice(tensor.data().position() + index * length, length));
    return new NamedTensor(
        tensor.name(),
        tensor.datatype(),
        hasBatchDimension ? shape.subList(1, shape.size()) : shape,
        data);
  }
}
