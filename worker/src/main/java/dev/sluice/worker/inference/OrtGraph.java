package dev.sluice.worker.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import dev.sluice.worker.model.Output.NamedTensor;
import dev.sluice.worker.model.Pixels;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One lane's view of a loaded graph. The session may be shared, the memory is the lane's own: only
 * the lane's thread calls this, and the lane makes sure that nobody does after the session is
 * closed.
 *
 * <p>Images are written straight into the memory that ONNX Runtime reads, and read where it wrote
 * its outputs: nothing is allocated for a run whose shape has been seen before. The first run of a
 * shape shows how large its outputs are; the ones after it have them pinned. An output whose size
 * depends on more than the input's shape cannot be: ONNX Runtime refuses such a run, which is done
 * again without pins, as are all later ones of this graph.
 *
 * <p>A graph that was exported for a fixed batch is run as often as the batch needs; what is
 * missing in the last run is filled with zeros and cut off the outputs.
 */
final class OrtGraph implements Graph {
  /** Shapes whose tensors are kept. Most graphs see a handful: their batch sizes. */
  private static final int MOST_BINDINGS = 64;

  private final OrtModel model;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String inputName;
  private final List<String> outputNames;

  // All of these: the lane's thread only.
  private final InputBuffer input;
  private final OutputBuffers outputs = new OutputBuffers();
  private final LinkedHashMap<Shape, RunBinding> bindings = new LinkedHashMap<>(16, 0.75f, true);
  private final Set<String> neverPinned;
  private boolean pins = true;

  OrtGraph(
      OrtModel model,
      OrtEnvironment environment,
      OrtSession session,
      String inputName,
      InputBuffer input,
      Set<String> neverPinned) {
    this.model = model;
    this.environment = environment;
    this.session = session;
    this.input = input;
    this.neverPinned = neverPinned;
    this.inputName = inputName;
    outputNames = model.signature().outputs().stream().map(TensorSignature::name).toList();
  }

  /** Puts a row of the batch into its place of the run. */
  private interface RowPlacer {
    void place(int row, int place);
  }

  /** A shape that can be a key. */
  private record Shape(List<Long> dimensions) {
    long[] toArray() {
      return dimensions.stream().mapToLong(Long::longValue).toArray();
    }

    int numbers() {
      long numbers = 1;
      for (long dimension : dimensions) {
        numbers = Math.multiplyExact(numbers, dimension);
      }
      return Math.toIntExact(numbers);
    }
  }

  @Override
  public GraphSignature signature() {
    return model.signature();
  }

  @Override
  public GraphOutputs run(FloatTensor tensor) {
    int rows = tensor.dimension(0);
    int length = rows == 0 ? 0 : tensor.values().limit() / rows;
    return run(
        tensor.shape(), (row, numbers) -> numbers.put(0, tensor.values(), row * length, length));
  }

  @Override
  public GraphOutputs run(List<Pixels> images, Normalizer normalizer) {
    Normalizer.requireOneSize(images);
    Pixels first = images.getFirst();
    int length = first.rgb().length;
    if (model.inside().isPresent()) {
      requireInside(normalizer);
      return runRows(
          List.of((long) images.size(), (long) first.height(), (long) first.width(), 3L),
          (row, place) -> input.write(place * length, images.get(row).rgb()));
    }
    return runRows(
        normalizer.shape(images.size(), first.width(), first.height()),
        (row, place) -> input.write(place * length, images.get(row), normalizer));
  }

  @Override
  public GraphOutputs run(List<Long> shape, RowWriter rows) {
    if (model.inside().isPresent()) {
      throw new IllegalStateException("this graph takes images as they are, and normalises itself");
    }
    int length =
        shape.getFirst() == 0 ? 0 : new Shape(shape).numbers() / shape.getFirst().intValue();
    return runRows(shape, (row, place) -> input.write(place * length, length, row, rows));
  }

  @Override
  public void close() {
    bindings.values().forEach(RunBinding::close);
    bindings.clear();
  }

  private void requireInside(Normalizer normalizer) {
    if (!model.inside().equals(Optional.of(normalizer))) {
      throw new IllegalStateException("this graph normalises in another way");
    }
  }

  private GraphOutputs runRows(List<Long> shape, RowPlacer placer) {
    int rows = Math.toIntExact(shape.getFirst());
    if (rows < 1) {
      throw new IllegalArgumentException("a run has at least one row: " + shape);
    }
    int fixed = model.fixedBatch();
    if (fixed == Resize.DYNAMIC || fixed == rows) {
      return runOnce(new Shape(shape), 0, rows, placer);
    }
    List<Long> runShape = new ArrayList<>(shape);
    runShape.set(0, (long) fixed);
    Shape ofRun = new Shape(List.copyOf(runShape));
    List<GraphOutputs> parts = new ArrayList<>();
    for (int from = 0; from < rows; from += fixed) {
      parts.add(runOnce(ofRun, from, Math.min(from + fixed, rows), placer).copy());
    }
    return BatchParts.join(parts, fixed, rows);
  }

  private GraphOutputs runOnce(Shape shape, int from, int to, RowPlacer placer) {
    int numbers = shape.numbers();
    int perRun = Math.toIntExact(shape.dimensions().getFirst());
    if (input.reserve(numbers)) {
      close();
    }
    for (int row = from; row < to; row++) {
      placer.place(row, row - from);
    }
    int filled = numbers / perRun * (to - from);
    input.clear(filled, numbers - filled);
    try {
      RunBinding binding = bindings.get(shape);
      if (binding == null) {
        binding = bound(shape, unpinned(shape));
      }
      return binding.pinned().isEmpty() ? learn(shape, binding) : runPinned(shape, binding);
    } catch (OrtException refused) {
      throw classified(shape, refused);
    }
  }

  private GraphOutputs runPinned(Shape shape, RunBinding binding) throws OrtException {
    try (OrtSession.Result result =
        session.run(binding.input(), binding.requested(), binding.pinned())) {
      return outputs(binding, result);
    } catch (OrtException refused) {
      if (!String.valueOf(refused.getMessage()).contains("shape")) {
        throw refused;
      }
      return runWithoutPins(shape);
    }
  }

  /**
   * Tells by trying whether the batch is to blame, which fails once more, or its outputs are of
   * another size than those of the last run of this shape.
   */
  private GraphOutputs runWithoutPins(Shape shape) throws OrtException {
    try (RunBinding unpinned = unpinned(shape);
        OrtSession.Result result =
            session.run(unpinned.input(), unpinned.requested(), unpinned.pinned())) {
      GraphOutputs copied = outputs(unpinned, result);
      pins = false;
      close();
      return copied;
    }
  }

  /** Runs with ONNX Runtime's own memory for the outputs, and sees how large they are. */
  private GraphOutputs learn(Shape shape, RunBinding binding) throws OrtException {
    try (OrtSession.Result result =
        session.run(binding.input(), binding.requested(), binding.pinned())) {
      GraphOutputs copied = outputs(binding, result);
      Map<String, TensorInfo> seen = pins ? pinnable(result) : Map.of();
      if (!seen.isEmpty()) {
        pin(shape, seen);
      }
      return copied;
    }
  }

  private Map<String, TensorInfo> pinnable(OrtSession.Result result) {
    Map<String, TensorInfo> seen = new HashMap<>();
    for (Map.Entry<String, OnnxValue> output : result) {
      TensorInfo info = tensor(output.getKey(), output.getValue()).getInfo();
      if (OutputBuffers.takes(info) && !neverPinned.contains(output.getKey())) {
        seen.put(output.getKey(), info);
      }
    }
    return seen;
  }

  private void pin(Shape shape, Map<String, TensorInfo> seen) throws OrtException {
    boolean moved = false;
    for (Map.Entry<String, TensorInfo> output : seen.entrySet()) {
      moved |= outputs.reserve(output.getKey(), output.getValue());
    }
    if (moved) {
      close();
    }
    Map<String, OnnxTensor> pinned = new HashMap<>();
    Map<String, NamedTensor> views = new HashMap<>();
    for (Map.Entry<String, TensorInfo> output : seen.entrySet()) {
      pinned.put(output.getKey(), outputs.tensor(environment, output.getKey(), output.getValue()));
      views.put(output.getKey(), outputs.named(output.getKey(), output.getValue()));
    }
    Set<String> requested = new HashSet<>(outputNames);
    requested.removeAll(seen.keySet());
    bound(shape, new RunBinding(Map.of(inputName, inputTensor(shape)), pinned, requested, views));
  }

  private RunBinding unpinned(Shape shape) throws OrtException {
    return RunBinding.unpinned(inputName, inputTensor(shape), outputNames);
  }

  private OnnxTensor inputTensor(Shape shape) throws OrtException {
    return OnnxTensor.createTensor(
        environment, input.first(shape.numbers()), shape.toArray(), input.type());
  }

  /** Keeps a binding in place of the one for its shape, and of the one longest unused. */
  private RunBinding bound(Shape shape, RunBinding binding) {
    @Nullable RunBinding former = bindings.put(shape, binding);
    if (former != null) {
      former.close();
    }
    if (bindings.size() > MOST_BINDINGS) {
      bindings.pollFirstEntry().getValue().close();
    }
    return binding;
  }

  /** In the graph's own order: the pinned ones where they are, the others copied. */
  private GraphOutputs outputs(RunBinding binding, OrtSession.Result result) {
    List<NamedTensor> tensors = new ArrayList<>(outputNames.size());
    for (String name : outputNames) {
      NamedTensor view = binding.views().get(name);
      tensors.add(view == null ? copy(name, result.get(name).orElseThrow()) : view);
    }
    return new GraphOutputs(tensors);
  }

  private RuntimeException classified(Shape shape, OrtException refused) {
    return DeviceErrors.classified(
        "the model failed on input " + inputName + Arrays.toString(shape.toArray()),
        String.valueOf(refused.getMessage()),
        refused);
  }

  private static NamedTensor copy(String name, OnnxValue value) {
    OnnxTensor tensor = tensor(name, value);
    return new NamedTensor(
        name,
        OrtModel.datatype(tensor.getInfo()),
        Arrays.stream(tensor.getInfo().getShape()).boxed().toList(),
        tensor.getByteBuffer().order(ByteOrder.LITTLE_ENDIAN));
  }

  private static OnnxTensor tensor(String name, OnnxValue value) {
    if (value instanceof OnnxTensor tensor) {
      return tensor;
    }
    throw new IllegalStateException("output " + name + " was a tensor when the model was loaded");
  }
}
