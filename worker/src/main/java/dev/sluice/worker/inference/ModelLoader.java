package dev.sluice.worker.inference;

import dev.sluice.worker.model.DeviceException;
import dev.sluice.worker.model.TaskException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads one version of a model: sessions, task, lanes and a warm-up. */
final class ModelLoader {
  private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);

  /** Beside this the hand-over of an image does not count. */
  private static final Duration COSTLY = Duration.ofMillis(2);

  private static final int SEVERAL = 4;

  private final RepositorySettings repository;
  private final Device device;

  ModelLoader(RepositorySettings repository) {
    this.repository = repository;
    device = Devices.chosen(Device.parse(repository.device()));
  }

  /**
   * Loads a version.
   *
   * @param folder the version's folder
   * @param versions every version of the model
   * @throws ModelConfigurationException when it cannot be served; nothing stays loaded then
   * @throws DeviceException with GONE when its device is broken; nothing stays loaded then
   */
  ServedModel load(String name, Path folder, ModelSettings settings, List<String> versions) {
    long start = System.nanoTime();
    Map<String, LoadedModel> loaded = new LinkedHashMap<>();
    try {
      ServedModel model = load(name, folder, settings, versions, loaded);
      LOG.atInfo()
          .addKeyValue("model", name)
          .addKeyValue("version", model.version())
          .log(
              "Loaded model {} version {} in {} ms: {} on {}, instances {}, max_batch_size {}",
              name,
              model.version(),
              TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start),
              model.taskName(),
              model.device(),
              model.lanes().size(),
              model.maxBatchSize());
      return model;
    } catch (RuntimeException failed) {
      loaded.values().forEach(LoadedModel::close);
      throw failed;
    }
  }

  private ServedModel load(
      String name,
      Path folder,
      ModelSettings settings,
      List<String> versions,
      Map<String, LoadedModel> loaded) {
    Path file = file(folder, Graphs.MAIN);
    Device device = device(settings);
    boolean simulated = !needsFile(settings);
    requireSimulated(settings, simulated);
    LoadedModel main =
        simulated
            ? new SimulatedModel(settings.get(ModelKey.SIMULATED, SimulatedSettings.NONE))
            : OrtModel.load(file, device, options(settings, device));
    loaded.put(Graphs.MAIN, main);
    try {
      TaskName taskName = TaskFactory.taskName(settings, main.signature());
      settings.requireApplicable(taskName);
      if (simulated && taskName != TaskName.CLASSIFICATION) {
        throw new ModelConfigurationException(
            settings.file(), "device simulated is a classifier of colours, not task " + taskName);
      }
      for (String other : TaskFactory.graphNames(taskName)) {
        if (!loaded.containsKey(other)) {
          loaded.put(
              other,
              OrtModel.load(existing(folder, other, taskName), device, options(settings, device)));
        }
      }
      Map<String, GraphSignature> signatures = new HashMap<>();
      loaded.forEach((graph, model) -> signatures.put(graph, model.signature()));
      ModelTask task = TaskFactory.create(taskName, settings, signatures);
      BatchPolicy policy = BatchPolicy.of(settings, main, device, repository);
      normalizeInGraph(settings, device, task, loaded);
      String version = folder.getFileName().toString();
      List<Lane> lanes = lanes(name + " version " + version, task, settings, device, loaded);
      if (!simulated) {
        // There is nothing to warm, and the faults are meant for requests.
        warmUp(lanes, task, policy, device);
        if (device instanceof Device.Cpu && BatchPolicy.isFree(settings, main, repository)) {
          policy = policy.atMost(worthwhile(WarmUp.cost(lanes.getFirst(), task)));
        }
      }
      ModelMetadata metadata =
          new ModelMetadata(
              name,
              versions,
              main.platform(),
              main.signature().inputs(),
              main.signature().outputs());
      return new ServedModel(
          metadata,
          version,
          taskName,
          task,
          device.toString(),
          policy,
          lanes,
          List.copyOf(loaded.values()));
    } catch (IllegalArgumentException contradiction) {
      throw new ModelConfigurationException(
          file, String.valueOf(contradiction.getMessage()), contradiction);
    } catch (DeviceException failed) {
      if (failed.kind() == DeviceException.Kind.GONE) {
        throw failed;
      }
      throw new ModelConfigurationException(
          file, "does not fit the device: " + failed.getMessage(), failed);
    } catch (TaskException failed) {
      throw new ModelConfigurationException(
          file, "fails on a grey image: " + failed.getMessage(), failed);
    }
  }

  /**
   * How many images a batch should have on the processor. It computes no faster for more of them,
   * often slower, as less of a batch fits its caches; what is saved is the hand-over from thread to
   * thread, some twenty microseconds.
   */
  static int worthwhile(Duration costOfOne) {
    return costOfOne.compareTo(COSTLY) < 0 ? SEVERAL : 1;
  }

  /** On a device each lane has a session of its own, and each batch size costs its first run. */
  private static void warmUp(List<Lane> lanes, ModelTask task, BatchPolicy policy, Device device) {
    if (device instanceof Device.Nvidia) {
      lanes.forEach(lane -> WarmUp.run(lane, task, WarmUp.sizes(policy)));
    } else {
      WarmUp.run(
          lanes.getFirst(),
          task,
          IntStream.rangeClosed(1, Math.min(2, policy.maxBatchSize())).boxed().toList());
    }
  }

  private static Map<String, String> options(ModelSettings settings, Device device) {
    Map<String, String> options = settings.get(ModelKey.DEVICE_OPTIONS, Map.of());
    if (!options.isEmpty() && !(device instanceof Device.Nvidia)) {
      throw new ModelConfigurationException(
          settings.file(), ModelKey.DEVICE_OPTIONS + ": has no meaning on device " + device);
    }
    return options;
  }

  private static void requireSimulated(ModelSettings settings, boolean simulated) {
    if (!simulated && settings.get(ModelKey.SIMULATED).isPresent()) {
      throw new ModelConfigurationException(
          settings.file(),
          ModelKey.SIMULATED + ": has no meaning without device: " + new Device.Simulated());
    }
  }

  private List<Lane> lanes(
      String name,
      ModelTask task,
      ModelSettings settings,
      Device device,
      Map<String, LoadedModel> loaded) {
    int instances = settings.get(ModelKey.INSTANCES).orElseGet(() -> instances(device));
    List<Lane> lanes = new ArrayList<>();
    IntStream.range(0, instances)
        .forEach(instance -> {
          Map<String, Graph> graphs = new HashMap<>();
          loaded.forEach((graph, model) -> graphs.put(graph, model.newGraph()));
          lanes.add(new Lane(name, task, graphs));
        });
    return lanes;
  }

  private static void normalizeInGraph(
      ModelSettings settings, Device device, ModelTask task, Map<String, LoadedModel> loaded) {
    NormalizationPlace place = settings.get(ModelKey.NORMALIZE_IN, NormalizationPlace.AUTO);
    boolean wanted =
        place == NormalizationPlace.GRAPH
            || (place == NormalizationPlace.AUTO && device instanceof Device.Nvidia);
    if (!wanted || !(loaded.get(Graphs.MAIN) instanceof OrtModel plain)) {
      return;
    }
    Optional<OrtModel> edited = task.normalizer().flatMap(plain::normalizing);
    if (edited.isPresent()) {
      loaded.put(Graphs.MAIN, edited.get());
      plain.close();
    } else if (place == NormalizationPlace.GRAPH) {
      throw new ModelConfigurationException(
          settings.file(),
          ModelKey.NORMALIZE_IN
              + ": graph needs an input FP32 or FP16, operator set 7 or later, and the weights in"
              + " the model's own file");
    }
  }

  private int instances(Device on) {
    return switch (repository.instances()) {
      case Instances.Fixed(int count) -> count;
      // One lane keeps a device busy but for its copies, and each costs the model's memory.
      case Instances.Auto() when on instanceof Device.Nvidia -> 1;
      case Instances.Auto() -> Runtime.getRuntime().availableProcessors();
    };
  }

  /** Whether a version of the model is a file; a simulated one is not. */
  boolean needsFile(ModelSettings settings) {
    return !(device(settings) instanceof Device.Simulated);
  }

  private Device device(ModelSettings settings) {
    return settings.get(ModelKey.DEVICE).map(Devices::chosen).orElse(device);
  }

  private static Path file(Path folder, String graph) {
    return folder.resolve(graph + ".onnx");
  }

  private static Path existing(Path folder, String graph, TaskName task) {
    Path file = file(folder, graph);
    if (!Files.isRegularFile(file)) {
      throw new ModelConfigurationException(
          file, "no such file; task %s needs it beside %s.onnx".formatted(task, Graphs.MAIN));
    }
    return file;
  }
}
