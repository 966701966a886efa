package dev.sluice.worker.inference;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which device a model runs on, and how a session is told so. When a device cannot be used it says
 * everything that is missing: ONNX Runtime itself often only says that a provider is "not
 * available".
 */
final class Devices {
  private static final Logger LOG = LoggerFactory.getLogger(Devices.class);

  /**
   * What the CUDA provider is told unless model.yaml says otherwise. Memory is taken as it is asked
   * for, not doubled each time: with a fixed set of batch sizes it stops growing after the warm-up.
   * Convolutions are chosen by rule: trying them all takes seconds for each new shape.
   */
  private static final Map<String, String> CUDA_DEFAULTS =
      Map.of("arena_extend_strategy", "kSameAsRequested", "cudnn_conv_algo_search", "HEURISTIC");

  /** The folder beside a version's files for the engines that TensorRT built for it. */
  private static final String ENGINES = "tensorrt";

  private Devices() {}

  /** The device itself, or for {@link Device.Auto} the best that can be used, which is logged. */
  static Device chosen(Device device) {
    if (!(device instanceof Device.Auto)) {
      return device;
    }
    Device.Nvidia first = new Device.Cuda(0);
    List<String> problems = problems(first);
    if (problems.isEmpty()) {
      LOG.info("device auto: {}", first);
      return first;
    }
    LOG.info("device auto: cpu, because {} cannot be used: {}", first, String.join("; ", problems));
    return new Device.Cpu();
  }

  /**
   * Everything that keeps an NVIDIA device from being used, and what to do about it; empty when
   * nothing does.
   */
  static List<String> problems(Device.Nvidia device) {
    List<String> problems = new ArrayList<>(NvidiaDriver.problems(device.index()));
    // Without it no provider can be added, and the options would load a library of their own.
    var _ = OnnxRuntimeLibrary.environment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      add(options, device, Map.of(), Path.of(System.getProperty("java.io.tmpdir")));
    } catch (OrtException refused) {
      problems.add(provider(device, String.valueOf(refused.getMessage())));
    }
    return problems;
  }

  /**
   * Has a session run there.
   *
   * @param said the provider's own options, as its documentation names them
   * @param folder of the version's files
   * @throws OrtException when the provider or what it needs is missing
   */
  static void add(
      OrtSession.SessionOptions options, Device device, Map<String, String> said, Path folder)
      throws OrtException {
    switch (device) {
      case Device.Cuda(int index) -> addCuda(options, index, cudaOptions(said));
      case Device.TensorRt(int index) -> {
        try (OrtTensorRTProviderOptions provider = new OrtTensorRTProviderOptions(index)) {
          for (Map.Entry<String, String> option : tensorRtOptions(said, folder).entrySet()) {
            provider.add(option.getKey(), option.getValue());
          }
          options.addTensorrt(provider);
        }
        addCuda(options, index, CUDA_DEFAULTS);
      }
      case Device.Cpu _, Device.Auto _, Device.Simulated _ -> {}
    }
  }

  static Map<String, String> cudaOptions(Map<String, String> said) {
    Map<String, String> all = new LinkedHashMap<>(CUDA_DEFAULTS);
    all.putAll(said);
    return all;
  }

  /** Building an engine takes minutes, so it is kept for the next start. */
  static Map<String, String> tensorRtOptions(Map<String, String> said, Path folder) {
    Map<String, String> all = new LinkedHashMap<>();
    String engines = folder.resolve(ENGINES).toString();
    all.put("trt_engine_cache_enable", "1");
    all.put("trt_engine_cache_path", engines);
    all.put("trt_timing_cache_enable", "1");
    all.put("trt_timing_cache_path", engines);
    all.putAll(said);
    return all;
  }

  private static void addCuda(
      OrtSession.SessionOptions options, int index, Map<String, String> said) throws OrtException {
    try (OrtCUDAProviderOptions provider = new OrtCUDAProviderOptions(index)) {
      for (Map.Entry<String, String> option : said.entrySet()) {
        provider.add(option.getKey(), option.getValue());
      }
      options.addCUDA(provider);
    }
  }

  /** What ONNX Runtime said, and what it left out. */
  private static String provider(Device.Nvidia device, String message) {
    String kind = device instanceof Device.TensorRt ? "tensorrt" : "cuda";
    String library = "libonnxruntime_providers_%s.so".formatted(kind);
    Path file = Path.of(System.getProperty(OnnxRuntimeLibrary.NATIVE_PATH, "")).resolve(library);
    if (!Files.isRegularFile(file)) {
      return ("%s is missing: this ONNX Runtime is the one for processors (build with -Pgpu, or"
              + " name the folder of another one with -D%s); ONNX Runtime says: %s")
          .formatted(library, OnnxRuntimeLibrary.NATIVE_PATH, message);
    }
    return "%s cannot be used: %s; ONNX Runtime says: %s"
        .formatted(library, whyNotLoaded(file), message);
  }

  /**
   * The loader's own words, which name the missing library. Only for one that ONNX Runtime has
   * failed to load: loading it first would keep ONNX Runtime from setting it up.
   */
  @SuppressWarnings("restricted") // It is only asked what it lacks.
  private static String whyNotLoaded(Path library) {
    try {
      System.load(library.toAbsolutePath().toString());
      return "it can be loaded, but not set up";
    } catch (UnsatisfiedLinkError missing) {
      return missing.getMessage()
          + " (CUDA's libraries and cuDNN have to be in LD_LIBRARY_PATH or known to ldconfig)";
    }
  }
}
