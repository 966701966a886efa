package dev.sluice.tools.bench;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.devstack.JavaProgram;
import dev.sluice.devstack.ServerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * One run of the worker's bare loop in a process of its own, and what it said.
 *
 * @param imagesPerSecond of all its threads together
 * @param fetchMillis of one image on one thread, as the other stages
 * @param turn from the beginning of a batch to its end
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record BareLoopRun(
    double imagesPerSecond,
    long images,
    double seconds,
    int threads,
    int batch,
    double fetchMillis,
    double decodeMillis,
    double inferenceMillis,
    Turn turn,
    double cpuSecondsPerThousandImages,
    double allocatedBytesPerImage,
    long collections,
    long collectionMillis) {
  private static final String MAIN = "dev.sluice.worker.BareLoop";
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  /** Percentiles in milliseconds. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Turn(double p50, double p90, double p99, double max) {}

  /**
   * Runs it to its end.
   *
   * @param settings the worker's own
   * @param options the loop's, such as {@code --batch=8}
   * @throws ServerException with what it said when it fails
   */
  static BareLoopRun run(
      List<String> jvmOptions,
      Map<String, String> settings,
      List<String> options,
      Duration warmUp,
      Duration duration) {
    List<String> arguments = new ArrayList<>();
    settings.forEach((key, value) -> {
      arguments.add("--set");
      arguments.add(key + "=" + value);
    });
    arguments.addAll(options);
    arguments.add("--warm-up-millis=" + warmUp.toMillis());
    arguments.add("--millis=" + duration.toMillis());
    List<String> all = new ArrayList<>(jvmOptions);
    all.add("--enable-native-access=ALL-UNNAMED");
    try (JavaProgram program = JavaProgram.launch("bare-loop", all, MAIN, arguments)) {
      OptionalInt exitCode = program.awaitExit(warmUp.plus(duration).plus(PATIENCE));
      String log = program.log();
      List<String> answers = log.lines().filter(line -> line.startsWith("{")).toList();
      if (exitCode.isEmpty() || exitCode.getAsInt() != 0 || answers.isEmpty()) {
        throw new ServerException("the bare loop did not end well:\n" + program.logTail());
      }
      return JSON.readValue(answers.getLast(), BareLoopRun.class);
    } catch (JsonProcessingException e) {
      throw new ServerException("the bare loop's report cannot be read", e);
    }
  }
}
