package dev.sluice.worker;

import dev.sluice.worker.config.WorkerConfiguration.DefaultModel;
import dev.sluice.worker.inference.ModelConfigurationException;
import dev.sluice.worker.inference.ModelRepository;
import dev.sluice.worker.inference.ServedModel;
import java.util.List;

/** Finds the model for requests that name none. */
final class DefaultModels {
  private DefaultModels() {}

  /**
   * The model's name.
   *
   * @throws ModelConfigurationException when the repository has no such model, or several and none
   *     was chosen
   */
  static String nameOf(DefaultModel chosen, ModelRepository models) {
    List<String> names = models.serving().stream().map(ServedModel::name).toList();
    return switch (chosen) {
      case DefaultModel.Named(String name) when names.contains(name) -> name;
      case DefaultModel.Named(String name) ->
          throw new ModelConfigurationException(
              List.of("models.default is %s, and the repository has %s".formatted(name, names)));
      case DefaultModel.OnlyOne() when names.size() == 1 -> names.getFirst();
      case DefaultModel.OnlyOne() ->
          throw new ModelConfigurationException(
              List.of(
                  "the repository has %s: say with models.default which of them serves requests that"
                          .formatted(names)
                      + " name none"));
    };
  }
}
