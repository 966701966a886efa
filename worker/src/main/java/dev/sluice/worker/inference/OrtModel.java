package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import dev.sluice.worker.model.DeviceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One ONNX file in ONNX Runtime. On the processor all lanes share one session; on a device each has
 * its own, because there the memory of a session that several threads run grows without end
 * (microsoft/onnxruntime #29351). Graphs are made by one thread, and any may run them; whoever
 * closes it has made sure that no thread runs one any more (ONNX Runtime crashes the process
 * otherwise), see {@link ServedModel#close}.
 */
final class OrtModel implements LoadedModel {
  private static final Set<OnnxJavaType> INPUT_TYPES =
      Set.of(OnnxJavaType.FLOAT, OnnxJavaType.FLOAT16, OnnxJavaType.UINT8);

  private final Path file;
  private final Device device;
  private final Map<String, String> options;

  /** What the graph does to the bytes that it takes; empty when it takes the numbers themselves. */
  private final Optional<Normalizer> inside;

  private final OrtEnvironment environment;
  private final SessionFactory factory;

  /** The first one is everybody's on the processor, the first lane's on a device. */
  private final List<OrtSession> sessions = new ArrayList<>();

  private final GraphSignature signature;
  private int graphs;

  private OrtModel(
      Path file,
      Device device,
      Map<String, String> options,
      OrtEnvironment environment,
      SessionFactory factory,
      OrtSession session,
      GraphSignature signature,
      Optional<Normalizer> inside) {
    this.file = file;
    this.device = device;
    this.options = Map.copyOf(options);
    this.inside = inside;
    this.environment = environment;
    this.factory = factory;
    sessions.add(session);
    this.signature = signature;
  }

  /** What a session is made of. */
  private sealed interface Source {
    /** The file itself. */
    record OfFile(Path file) implements Source {}

    /** What was made of the file. */
    record Edited(byte[] bytes) implements Source {}
  }

  /** Makes sessions that are all alike. */
  private interface SessionFactory {
    OrtSession session() throws OrtException;
  }

  /**
   * Loads a file.
   *
   * @param options the device's own, see {@link Devices#add}
   * @throws ModelConfigurationException when ONNX Runtime cannot load it, its tensors are of types
   *     that are not served, or the worker has no such device
   * @throws DeviceException with GONE when the device is broken
   */
  static OrtModel load(Path file, Device device, Map<String, String> options) {
    OrtEnvironment environment = OnnxRuntimeLibrary.environment();
    SessionFactory factory =
        () -> session(environment, file, new Source.OfFile(file), device, options);
    try {
      OrtSession session = factory.session();
      try {
        return new OrtModel(
            file,
            device,
            options,
            environment,
            factory,
            session,
            signature(file, session),
            Optional.empty());
      } catch (IllegalArgumentException | OrtException | IOException unusable) {
        session.close();
        throw unusable;
      }
    } catch (IllegalArgumentException unusable) {
      throw new ModelConfigurationException(file, String.valueOf(unusable.getMessage()), unusable);
    } catch (IOException unreadable) {
      throw new ModelConfigurationException(file, "cannot be read: " + unreadable, unreadable);
    } catch (OrtException refused) {
      throw notLoaded(file, refused);
    }
  }

  /**
   * The same model with the normalisation in its graph, on its own; empty when that cannot be. It
   * says of itself what this one says, so that nobody else need know.
   */
  Optional<OrtModel> normalizing(Normalizer normalizer) {
    try {
      Optional<byte[]> edited =
          GraphEdit.withNormalization(
              Files.readAllBytes(file), signature.inputs().getFirst().name(), normalizer);
      if (edited.isEmpty()) {
        return Optional.empty();
      }
      Source source = new Source.Edited(edited.get());
      SessionFactory edits = () -> session(environment, file, source, device, options);
      return Optional.of(
          new OrtModel(
              file,
              device,
              options,
              environment,
              edits,
              edits.session(),
              signature,
              Optional.of(normalizer)));
    } catch (IOException unreadable) {
      throw new ModelConfigurationException(file, "cannot be read: " + unreadable, unreadable);
    } catch (OrtException refused) {
      throw notLoaded(file, refused);
    }
  }

  /** What the graph does to the bytes that it takes; empty when it takes the numbers themselves. */
  Optional<Normalizer> inside() {
    return inside;
  }

  private static RuntimeException notLoaded(Path file, OrtException refused) {
    String said = "ONNX Runtime cannot load it: " + refused.getMessage();
    if (DeviceErrors.kind(said).equals(Optional.of(DeviceException.Kind.GONE))) {
      return new DeviceException(DeviceException.Kind.GONE, file + ": " + said, refused);
    }
    return new ModelConfigurationException(file, said, refused);
  }

  @Override
  public GraphSignature signature() {
    return signature;
  }

  @Override
  public String platform() {
    return "onnxruntime_onnx";
  }

  @Override
  public OrtGraph newGraph() {
    try {
      List<String> names = List.copyOf(sessions.getFirst().getInputNames());
      if (names.size() != 1) {
        throw new ModelConfigurationException(
            file,
            "takes %d inputs %s; expected one, the image"
                .formatted(names.size(), signature.inputs()));
      }
      TensorInfo input = tensorInfo(sessions.getFirst().getInputInfo(), names.getFirst(), "input");
      if (!INPUT_TYPES.contains(input.type)) {
        throw new ModelConfigurationException(
            file,
            "input %s is %s; expected FP32, FP16 or UINT8"
                .formatted(signature.inputs().getFirst(), datatype(input)));
      }
      return new OrtGraph(
          this,
          environment,
          session(graphs++),
          names.getFirst(),
          new InputBuffer(input.type),
          neverPinned());
    } catch (OrtException refused) {
      throw notLoaded(file, refused);
    }
  }

  /** The session of a lane's graph, made when it is the first to need it. */
  private OrtSession session(int lane) throws OrtException {
    if (device instanceof Device.Nvidia && lane == sessions.size()) {
      sessions.add(factory.session());
    }
    return sessions.get(Math.min(lane, sessions.size() - 1));
  }

  /**
   * A lane's session on its own, for benchmarks.
   *
   * @param height of the images
   * @param width of the images
   */
  RawRun newRawRun(int lane, int batch, int height, int width) throws OrtException {
    OrtSession session = session(lane);
    String name = session.getInputNames().iterator().next();
    TensorInfo info = tensorInfo(session.getInputInfo(), name, "input");
    long[] shape =
        info.getShape()[1] == 3
            ? new long[] {batch, 3, height, width}
            : new long[] {batch, height, width, 3};
    InputBuffer numbers = new InputBuffer(info.type);
    int count = Math.multiplyExact(batch, 3 * height * width);
    numbers.reserve(count);
    return new RawRun(
        session,
        name,
        OnnxTensor.createTensor(environment, numbers.first(count), shape, info.type));
  }

  /**
   * On the processor ONNX Runtime compares the shape of what it computed with that of the pinned
   * tensor. From a device it copies what has the same size; so an output is pinned there only if
   * one size means one shape.
   */
  private Set<String> neverPinned() {
    if (device instanceof Device.Cpu) {
      return Set.of();
    }
    return signature.outputs().stream()
        .filter(
            output -> output.shape().stream().filter(size -> size == Resize.DYNAMIC).count() > 1)
        .map(TensorSignature::name)
        .collect(Collectors.toSet());
  }

  @Override
  public void close() {
    try {
      for (OrtSession session : sessions) {
        session.close();
      }
    } catch (OrtException refused) {
      throw new IllegalStateException("cannot close " + file, refused);
    }
  }

  @Override
  public String toString() {
    return file.toString();
  }

  /** The Open Inference Protocol's name of an element type. */
  static String datatype(TensorInfo info) {
    return switch (info.onnxType) {
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> "FP32";
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> "FP16";
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> "BF16";
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> "FP64";
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> "BOOL";
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> "INT8";
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> "INT16";
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> "INT32";
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> "INT64";
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> "UINT8";
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> "UINT16";
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> "UINT32";
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> "UINT64";
      default ->
          throw new IllegalArgumentException(
              "tensors of type " + info.onnxType + " are not served");
    };
  }

  private static OrtSession session(
      OrtEnvironment environment, Path file, Source source, Device device, Map<String, String> said)
      throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      // Lanes run side by side on the one session: two of one thread each do 1.6 times the work of
      // one, while one with two threads gains little and not reliably.
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      // What goes wrong comes back as an exception; lines of its own on stderr add nothing.
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      // Memory patterns of many batch sizes pile up (microsoft/onnxruntime #29351).
      options.setMemoryPatternOptimization(false);
      if (device instanceof Device.Nvidia nvidia) {
        addNvidia(file, options, nvidia, said);
      }
      return switch (source) {
        case Source.OfFile(Path path) -> environment.createSession(path.toString(), options);
        case Source.Edited(byte[] bytes) -> environment.createSession(bytes, options);
      };
    }
  }

  private static void addNvidia(
      Path file, OrtSession.SessionOptions options, Device.Nvidia device, Map<String, String> said)
      throws OrtException {
    List<String> problems = Devices.problems(device);
    if (!problems.isEmpty()) {
      throw new ModelConfigurationException(
          file,
          "device %s cannot be used: %s. Or say device: cpu or auto in %s"
              .formatted(device, String.join("; ", problems), ModelSettings.FILE_NAME));
    }
    Path folder = requireNonNull(file.toAbsolutePath().getParent(), "a file is in a folder");
    Devices.add(options, device, said, folder);
  }

  private static GraphSignature signature(Path file, OrtSession session)
      throws OrtException, IOException {
    return new GraphSignature(
        signatures(session.getInputNames(), session.getInputInfo(), "input"),
        signatures(session.getOutputNames(), session.getOutputInfo(), "output"),
        OnnxMetadata.read(file));
  }

  private static List<TensorSignature> signatures(
      Set<String> names, Map<String, NodeInfo> infos, String kind) {
    return names.stream()
        .map(name -> {
          TensorInfo info = tensorInfo(infos, name, kind);
          return new TensorSignature(
              name, datatype(info), Arrays.stream(info.getShape()).boxed().toList());
        })
        .toList();
  }

  private static TensorInfo tensorInfo(Map<String, NodeInfo> infos, String name, String kind) {
    NodeInfo node = infos.get(name);
    if (node != null && node.getInfo() instanceof TensorInfo info) {
      return info;
    }
    throw new IllegalArgumentException(
        "%s %s is no tensor; sequences and maps are not served".formatted(kind, name));
  }
}
