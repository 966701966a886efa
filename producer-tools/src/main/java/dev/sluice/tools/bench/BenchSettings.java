package dev.sluice.tools.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a person said about a run. Immutable.
 *
 * @param rounds how often each side is measured, in turns
 * @param duration of each measurement
 * @param warmUp of each process, before it is measured; see {@link WarmUp} for those that go on
 * @param workers how many, where the scenario does not say
 * @param partitions of the topic of requests, where the scenario does not say
 * @param images a folder to take in place of the scenario's images
 * @param model to take in place of the scenario's
 * @param rate requests a second, where the scenario would find one
 * @param workerSettings configuration of the workers and of the bare loop, by key
 * @param jvmOptions of the workers and of the bare loop
 * @param seed of what is left to chance
 */
record BenchSettings(
    int rounds,
    Duration duration,
    Duration warmUp,
    int workers,
    int partitions,
    Optional<Path> images,
    Optional<BenchModel> model,
    OptionalDouble rate,
    Map<String, String> workerSettings,
    List<String> jvmOptions,
    long seed) {
  BenchSettings {
    workerSettings = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(workerSettings));
    jvmOptions = List.copyOf(jvmOptions);
  }
}
