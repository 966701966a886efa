package dev.sluice.tools.soak;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a soak is like. Immutable.
 *
 * @param limits what is done to what
 * @param requests how many
 * @param rate requests in a second
 * @param partitions of each topic
 * @param delivery the workers' {@code delivery}
 * @param ordering the workers' {@code ordering}
 * @param protocol the workers' {@code group.protocol}
 * @param retries the workers' {@code topics.retries}
 * @param workerSettings more of the workers' settings, by key
 * @param jvmOptions the workers'
 * @param patience how long nothing may happen after the last fault until what is outstanding counts
 *     as missing
 * @param logs the folder of the workers' logs
 * @param sabotage what goes wrong on purpose
 */
record SoakSettings(
    long seed,
    Schedule.Limits limits,
    int requests,
    double rate,
    int partitions,
    String delivery,
    String ordering,
    String protocol,
    List<String> retries,
    Map<String, String> workerSettings,
    List<String> jvmOptions,
    Duration patience,
    Path logs,
    VerifiableProducer.Sabotage sabotage) {
  SoakSettings {
    retries = List.copyOf(retries);
    workerSettings = Map.copyOf(workerSettings);
    jvmOptions = List.copyOf(jvmOptions);
  }
}
