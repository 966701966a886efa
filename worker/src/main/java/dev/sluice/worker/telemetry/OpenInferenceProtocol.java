package dev.sluice.worker.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The metadata half of the Open Inference Protocol v2 below {@code /v2}. Inference itself goes
 * through Kafka, so there is no infer endpoint. As the protocol says, what is not live or ready is
 * answered with 4xx.
 */
final class OpenInferenceProtocol {
  private final TelemetrySources sources;
  private final Health.Limits limits;
  private final String version;

  OpenInferenceProtocol(TelemetrySources sources, Health.Limits limits, String version) {
    this.sources = requireNonNull(sources, "sources is null");
    this.limits = requireNonNull(limits, "limits is null");
    this.version = requireNonNull(version, "version is null");
  }

  /**
   * Answers one request.
   *
   * @param path what follows {@code /v2}, split at the slashes and decoded
   */
  Reply answer(List<String> path) {
    return switch (String.join("/", path)) {
      case "" ->
          Reply.json(200, Map.of("name", "sluice", "version", version, "extensions", List.of()));
      case "health/live" -> judged("live", Health.live(sources.vitals().get(), limits));
      case "health/ready" -> judged("ready", Readiness.of(sources, limits).health());
      default ->
          path.getFirst().equals("models") && path.size() > 1
              ? model(path.get(1), path.subList(2, path.size()))
              : notFound("there is nothing at this path");
    };
  }

  static Reply notFound(String message) {
    return Reply.json(404, Map.of("error", message));
  }

  private static Reply judged(String name, Health health) {
    return Reply.json(health.isUp() ? 200 : 400, Map.of(name, health.isUp()));
  }

  private Reply model(String name, List<String> rest) {
    Optional<ModelMetadata> found =
        sources.models().get().stream().filter(model -> model.name().equals(name)).findFirst();
    if (found.isEmpty()) {
      return notFound("no such model here");
    }
    boolean versioned = rest.size() >= 2 && rest.getFirst().equals("versions");
    if (versioned && !found.get().versions().contains(rest.get(1))) {
      return notFound("no such version of the model here");
    }
    List<String> last = versioned ? rest.subList(2, rest.size()) : rest;
    if (last.isEmpty()) {
      return Reply.json(200, metadata(found.get()));
    }
    if (last.equals(List.of("ready"))) {
      boolean ready = sources.vitals().get().modelsLoaded();
      return Reply.json(ready ? 200 : 400, Map.of("name", name, "ready", ready));
    }
    return notFound(
        last.equals(List.of("infer"))
            ? "inference goes through Kafka: send an InferenceRequest to the requests topic"
            : "there is nothing at this path");
  }

  private static Map<String, Object> metadata(ModelMetadata model) {
    return Map.of(
        "name", model.name(),
        "versions", model.versions(),
        "platform", model.platform(),
        "inputs", model.inputs().stream().map(OpenInferenceProtocol::tensor).toList(),
        "outputs", model.outputs().stream().map(OpenInferenceProtocol::tensor).toList());
  }

  private static Map<String, Object> tensor(ModelMetadata.Tensor tensor) {
    return Map.of("name", tensor.name(), "datatype", tensor.datatype(), "shape", tensor.shape());
  }
}
