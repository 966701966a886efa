package dev.sluice.worker.inference;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Output.NamedTensor;
import dev.sluice.worker.model.TaskException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Puts the outputs of several runs of a fixed batch together as if they had been one run. */
final class BatchParts {
  private BatchParts() {}

  /**
   * Joins each output along its first dimension.
   *
   * @param parts the runs in their order, each of {@code perRun} rows
   * @param rows how many rows there are in all; what the last run has beyond them is dropped
   * @throws TaskException with MODEL_FAILED when an output has no row for each image
   */
  static GraphOutputs join(List<GraphOutputs> parts, int perRun, int rows) {
    return new GraphOutputs(
        IntStream.range(0, parts.getFirst().tensors().size())
            .mapToObj(i ->
                joined(parts.stream().map(part -> part.tensors().get(i)).toList(), perRun, rows))
            .toList());
  }

  private static NamedTensor joined(List<NamedTensor> runs, int perRun, int rows) {
    NamedTensor first = runs.getFirst();
    for (NamedTensor run : runs) {
      if (run.shape().isEmpty()
          || run.shape().getFirst() != perRun
          || !run.shape().equals(first.shape())) {
        throw new TaskException(
            ErrorCode.MODEL_FAILED,
            "output %s has the shapes %s in runs of %d; expected %d first and the rest alike"
                .formatted(
                    first.name(), runs.stream().map(NamedTensor::shape).toList(), perRun, perRun));
      }
    }
    int rowBytes = first.data().remaining() / perRun;
    ByteBuffer joined =
        ByteBuffer.allocate(Math.multiplyExact(rowBytes, rows)).order(ByteOrder.LITTLE_ENDIAN);
    for (NamedTensor run : runs) {
      ByteBuffer data = run.data().duplicate();
      joined.put(data.limit(data.position() + Math.min(data.remaining(), joined.remaining())));
    }
    List<Long> shape = new ArrayList<>(first.shape());
    shape.set(0, (long) rows);
    return new NamedTensor(first.name(), first.datatype(), shape, joined.flip());
  }
}
