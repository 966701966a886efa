package dev.sluice.worker.inference;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import dev.sluice.worker.model.DeviceException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One ONNX file in ONNX Runtime: a session that all lanes of a model share. Any thread may run it;
 * whoever closes it has made sure that no thread runs it any more (ONNX Runtime crashes the process
 * otherwise), see {@link ServedModel#close}.
 */
final class OrtModel implements LoadedModel {
  private static final Set<OnnxJavaType> INPUT_TYPES =
      Set.of(OnnxJavaType.FLOAT, OnnxJavaType.FLOAT16, OnnxJavaType.UINT8);

  private final Path file;
  private final Device device;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final GraphSignature signature;

  private OrtModel(
      Path file,
      Device device,
      OrtEnvironment environment,
      OrtSession session,
      GraphSignature signature) {
    this.file = file;
    this.device = device;
    this.environment = environment;
    this.session = session;
    this.signature = signature;
  }

  /**
   * Loads a file.
   *
   * @throws ModelConfigurationException when ONNX Runtime cannot load it, its tensors are of types
   *     that are not served, or the worker has no such device
   * @throws DeviceException with GONE when the device is broken
   */
  static OrtModel load(Path file, Device device) {
    OrtEnvironment environment = OnnxRuntimeLibrary.environment();
    try (OrtSession.SessionOptions options = options(file, device)) {
      OrtSession session = environment.createSession(file.toString(), options);
      try {
        return new OrtModel(file, device, environment, session, signature(file, session));
      } catch (IllegalArgumentException | OrtException | IOException unusable) {
        session.close();
        throw unusable;
      }
    } catch (IllegalArgumentException unusable) {
      throw new ModelConfigurationException(file, String.valueOf(unusable.getMessage()), unusable);
    } catch (IOException unreadable) {
      throw new ModelConfigurationException(file, "cannot be read: " + unreadable, unreadable);
    } catch (OrtException refused) {
      String said = "ONNX Runtime cannot load it: " + refused.getMessage();
      if (DeviceErrors.kind(said).equals(Optional.of(DeviceException.Kind.GONE))) {
        throw new DeviceException(DeviceException.Kind.GONE, file + ": " + said, refused);
      }
      throw new ModelConfigurationException(file, said, refused);
    }
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
      List<String> names = List.copyOf(session.getInputNames());
      if (names.size() != 1) {
        throw new ModelConfigurationException(
            file,
            "takes %d inputs %s; expected one, the image"
                .formatted(names.size(), signature.inputs()));
      }
      TensorInfo input = tensorInfo(session.getInputInfo(), names.getFirst(), "input");
      if (!INPUT_TYPES.contains(input.type)) {
        throw new ModelConfigurationException(
            file,
            "input %s is %s; expected FP32, FP16 or UINT8"
                .formatted(signature.inputs().getFirst(), datatype(input)));
      }
      return new OrtGraph(this, environment, session, new InputBuffer(input.type), neverPinned());
    } catch (OrtException refused) {
      throw new ModelConfigurationException(
          file, "ONNX Runtime does not describe it: " + refused.getMessage(), refused);
    }
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
      session.close();
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

  private static OrtSession.SessionOptions options(Path file, Device device) throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    try {
      // Lanes run side by side on the one session: two of one thread each do 1.6 times the work of
      // one, while one with two threads gains little and not reliably.
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      // What goes wrong comes back as an exception; lines of its own on stderr add nothing.
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      // Memory patterns of many batch sizes pile up (microsoft/onnxruntime #29351).
      options.setMemoryPatternOptimization(false);
      if (device instanceof Device.Cuda cuda) {
        addCuda(file, options, cuda);
      }
      return options;
    } catch (OrtException | ModelConfigurationException refused) {
      options.close();
      throw refused;
    }
  }

  private static void addCuda(Path file, OrtSession.SessionOptions options, Device.Cuda cuda) {
    try {
      options.addCUDA(cuda.index());
    } catch (OrtException missing) {
      throw new ModelConfigurationException(
          file,
          ("device %s cannot be used: %s. It needs an NVIDIA driver and an ONNX Runtime with its"
                  + " CUDA provider; or say device: cpu in %s")
              .formatted(cuda, missing.getMessage(), ModelSettings.FILE_NAME),
          missing);
    }
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
