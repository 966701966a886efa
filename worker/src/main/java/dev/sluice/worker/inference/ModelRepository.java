package dev.sluice.worker.inference;

import dev.sluice.worker.model.DeviceException;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.ModelSelector;
import dev.sluice.worker.model.TaskException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The models that this worker serves, in Triton's layout: {@code <name>/<version>/model.onnx} and,
 * where a file cannot speak for itself, {@code <name>/model.yaml}. Every version that is there is
 * loaded when the repository is opened, and nothing changes after that. Any thread may ask.
 */
public final class ModelRepository implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,8}");
  private static final String LAYOUT =
      "expected <name>/<version>/model.onnx, as in signs/1/model.onnx";

  /** The longest part of a request's own text that is quoted back to it. */
  private static final int LONGEST_QUOTE = 100;

  private final Map<String, Entry> entries;

  private ModelRepository(Map<String, Entry> entries) {
    this.entries = entries;
  }

  /** A model: its versions by number and by alias, and the one that serves. */
  private record Entry(
      ServedModel serving, Map<String, ServedModel> versions, Map<String, String> aliases) {}

  /**
   * Loads every version of every model.
   *
   * @param root the folder with one folder for each model
   * @throws ModelConfigurationException with everything that is wrong in all models; nothing stays
   *     loaded then
   * @throws DeviceException with GONE when a device is broken; nothing stays loaded then
   */
  public static ModelRepository open(Path root, RepositorySettings settings) {
    ModelLoader loader = new ModelLoader(settings);
    List<String> problems = new ArrayList<>();
    Map<String, Entry> entries = new TreeMap<>();
    List<ServedModel> loaded = new ArrayList<>();
    try {
      List<Path> folders = folders(root, folder -> true);
      for (Path folder : folders) {
        load(folder, loader, loaded, problems)
            .forEach(entry -> entries.put(entry.serving().name(), entry));
      }
      if (folders.isEmpty()) {
        problems.add(root + ": no model here; " + LAYOUT);
      }
      if (!problems.isEmpty()) {
        throw new ModelConfigurationException(problems);
      }
      return new ModelRepository(entries);
    } catch (RuntimeException failed) {
      loaded.forEach(ServedModel::close);
      throw failed;
    }
  }

  /**
   * The model that a request asks for.
   *
   * @throws TaskException with MODEL_NOT_FOUND, naming what there is
   */
  public ServedModel find(ModelSelector selector) {
    Entry entry = entries.get(selector.name());
    if (entry == null) {
      throw new TaskException(
          ErrorCode.MODEL_NOT_FOUND,
          "no model %s here; there is %s"
              .formatted(quoted(selector.name()), String.join(", ", entries.keySet())));
    }
    return switch (selector.version()) {
      case ModelSelector.Version.Serving() -> entry.serving();
      case ModelSelector.Version.Named(String name) -> version(entry, name);
    };
  }

  /** The version of every model that serves, by name. */
  public List<ServedModel> serving() {
    return entries.values().stream().map(Entry::serving).toList();
  }

  /** Every version of every model. */
  public List<ServedModel> all() {
    return entries.values().stream().flatMap(entry -> entry.versions().values().stream()).toList();
  }

  /** Waits for the running batches of every model, refuses every later one, frees the memory. */
  @Override
  public void close() {
    all().forEach(ServedModel::close);
  }

  private static ServedModel version(Entry entry, String name) {
    ServedModel model = entry.versions().get(entry.aliases().getOrDefault(name, name));
    if (model == null) {
      throw new TaskException(
          ErrorCode.MODEL_NOT_FOUND,
          "model %s has no version %s; there is %s"
              .formatted(
                  entry.serving().name(),
                  quoted(name),
                  String.join(", ", names(entry.versions().keySet(), entry.aliases().keySet()))));
    }
    return model;
  }

  /** One entry, or none when there are problems. */
  private static List<Entry> load(
      Path folder, ModelLoader loader, List<ServedModel> loaded, List<String> problems) {
    try {
      String name = folder.getFileName().toString();
      if (!NAME.matcher(name).matches()) {
        throw new ModelConfigurationException(
            folder, "a model's name has letters, digits, '.', '_' and '-' only");
      }
      ModelSettings settings = ModelSettings.read(folder);
      List<Path> versionFolders = versionFolders(folder, loader.needsFile(settings));
      List<String> versions = versionFolders.stream().map(ModelRepository::name).toList();
      String serving = serving(settings, versions);
      Map<String, String> aliases = aliases(settings, versions);
      Map<String, ServedModel> models = new HashMap<>();
      for (Path versionFolder : versionFolders) {
        try {
          ServedModel model = loader.load(name, versionFolder, settings, versions);
          loaded.add(model);
          models.put(model.version(), model);
        } catch (ModelConfigurationException broken) {
          problems.addAll(broken.problems());
        }
      }
      ServedModel served = models.get(serving);
      return served == null ? List.of() : List.of(new Entry(served, ordered(models), aliases));
    } catch (ModelConfigurationException broken) {
      problems.addAll(broken.problems());
      return List.of();
    }
  }

  private static Map<String, ServedModel> ordered(Map<String, ServedModel> models) {
    // Not a TreeMap by number: it would compare what a request asks for, which may be no number.
    Map<String, ServedModel> ordered = new LinkedHashMap<>();
    models.entrySet().stream()
        .sorted(Comparator.comparingInt(version -> Integer.parseInt(version.getKey())))
        .forEach(version -> ordered.put(version.getKey(), version.getValue()));
    return ordered;
  }

  /**
   * @param fileNeeded whether a version is a folder with a file; else it is any with a number
   */
  private static List<Path> versionFolders(Path folder, boolean fileNeeded) {
    List<Path> withModel =
        folders(
            folder,
            version ->
                fileNeeded
                    ? Files.isRegularFile(version.resolve("model.onnx"))
                    : VERSION.matcher(name(version)).matches());
    List<String> misnamed =
        withModel.stream()
            .filter(version -> !VERSION.matcher(name(version)).matches())
            .map(version -> version + ": a version's folder is a number, as in " + folder + "/1")
            .toList();
    if (!misnamed.isEmpty()) {
      throw new ModelConfigurationException(misnamed);
    }
    if (withModel.isEmpty()) {
      throw new ModelConfigurationException(folder, "no version here; " + LAYOUT);
    }
    return withModel.stream()
        .sorted(Comparator.comparingInt(version -> Integer.parseInt(name(version))))
        .toList();
  }

  private static String serving(ModelSettings settings, List<String> versions) {
    String serving =
        settings.get(ModelKey.VERSION).map(String::valueOf).orElseGet(versions::getLast);
    requirePresent(settings, "version", serving, versions);
    return serving;
  }

  private static Map<String, String> aliases(ModelSettings settings, List<String> versions) {
    Map<String, String> aliases = settings.get(ModelKey.ALIASES, Map.of());
    aliases.forEach(
        (alias, version) -> requirePresent(settings, "aliases: " + alias, version, versions));
    return aliases;
  }

  private static void requirePresent(
      ModelSettings settings, String key, String version, List<String> versions) {
    if (!versions.contains(version)) {
      throw new ModelConfigurationException(
          settings.file(), "%s: no version %s here; there is %s".formatted(key, version, versions));
    }
  }

  private static List<Path> folders(Path parent, Predicate<Path> wanted) {
    try (Stream<Path> children = Files.list(parent)) {
      return children
          .filter(child -> Files.isDirectory(child) && !name(child).startsWith("."))
          .filter(wanted)
          .sorted()
          .toList();
    } catch (NoSuchFileException missing) {
      throw new ModelConfigurationException(parent, "there is no such folder; " + LAYOUT, missing);
    } catch (NotDirectoryException file) {
      throw new ModelConfigurationException(parent, "is not a folder; " + LAYOUT, file);
    } catch (IOException unreadable) {
      throw new ModelConfigurationException(
          parent, "cannot be listed (" + unreadable + "); " + LAYOUT, unreadable);
    }
  }

  private static List<String> names(Collection<String> versions, Collection<String> aliases) {
    return Stream.concat(versions.stream(), aliases.stream().sorted()).toList();
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  private static String quoted(String text) {
    return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...";
  }
}
