package dev.sluice.tools.bench;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * What the worker's bare loop said of one turn.
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
  /** Percentiles in milliseconds. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Turn(double p50, double p90, double p99, double max) {}
}
