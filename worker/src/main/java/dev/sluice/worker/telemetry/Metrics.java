package dev.sluice.worker.telemetry;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Outcome;
import dev.sluice.worker.model.Timings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Counts what happens. Any thread may call it; nothing here blocks. Series are made of closed lists
 * (error codes, stages) or of names that the configuration gives (topics, models), never of what a
 * request says.
 */
public final class Metrics implements AutoCloseable {
  private static final Duration[] STAGE_BUCKETS =
      Stream.of(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000)
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  /** Queues are as long as an outage: up to a day. */
  private static final Duration[] QUEUE_BUCKETS =
      Stream.concat(
              Stream.of(STAGE_BUCKETS),
              Stream.of(
                  Duration.ofMinutes(5),
                  Duration.ofMinutes(30),
                  Duration.ofHours(2),
                  Duration.ofDays(1)))
          .toArray(Duration[]::new);

  private static final double[] BATCH_BUCKETS =
      DoubleStream.iterate(1, size -> size <= 256, size -> size * 2).toArray();

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
  private final Map<ErrorCode, Counter> failures = new EnumMap<>(ErrorCode.class);
  private final Map<ErrorCode, Counter> deadLetters = new EnumMap<>(ErrorCode.class);
  private final Map<ErrorCode, Counter> retries = new EnumMap<>(ErrorCode.class);
  private final Map<Stage, Timer> stages = new EnumMap<>(Stage.class);

  /** By what they are called with: looking a meter up in the registry makes its labels anew. */
  private final Map<Series, Counter> counters = new ConcurrentHashMap<>();

  private final Map<String, DistributionSummary> batchSizes = new ConcurrentHashMap<>();

  private enum Stage {
    QUEUED,
    FETCH,
    DECODE,
    BATCH_WAIT,
    INFERENCE,
    TOTAL
  }

  /** Registers all series whose labels are known beforehand, at 0. */
  public Metrics() {
    for (ErrorCode code : ErrorCode.values()) {
      failures.put(code, counter(Metric.REQUEST_FAILURE, code.name()));
      deadLetters.put(code, counter(Metric.DEAD_LETTERS, code.name()));
      retries.put(code, counter(Metric.RETRIES, code.name()));
    }
    for (Stage stage : Stage.values()) {
      Duration[] buckets =
          stage == Stage.QUEUED || stage == Stage.TOTAL ? QUEUE_BUCKETS : STAGE_BUCKETS;
      stages.put(
          stage,
          Timer.builder(Metric.STAGE_DURATION.registered())
              .description(Metric.STAGE_DURATION.description())
              .tag("stage", stage.name().toLowerCase(Locale.ROOT))
              .serviceLevelObjectives(buckets)
              .register(registry));
    }
    new ClassLoaderMetrics().bindTo(registry);
    new JvmInfoMetrics().bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    garbageCollection.bindTo(registry);
  }

  /** A request has its result. */
  public void finished(Outcome outcome) {
    switch (outcome) {
      case Outcome.Succeeded succeeded -> {
        counter(Metric.REQUEST_SUCCESS, succeeded.model(), succeeded.modelVersion()).increment();
        timed(outcome.timings(), 0);
      }
      case Outcome.Failed failed -> {
        of(failures, failed.reason().code()).increment();
        timed(outcome.timings(), Double.MIN_VALUE);
      }
      case Outcome.Expired _ -> {
        of(failures, ErrorCode.DEADLINE_EXCEEDED).increment();
        timed(outcome.timings(), Double.MIN_VALUE);
      }
    }
  }

  /** A record of this topic could not be decoded. */
  public void undecodable(String topic) {
    counter(Metric.UNDECODABLE_RECORDS, topic).increment();
  }

  /** A request failed with this code and is tried again later. */
  public void postponed(ErrorCode code) {
    of(retries, code).increment();
  }

  /** A dead letter was acknowledged. */
  public void deadLetter(ErrorCode code) {
    of(deadLetters, code).increment();
  }

  /** The brokers did not acknowledge a record for this topic. */
  public void sendFailed(String topic) {
    counter(Metric.SEND_FAILURES, topic).increment();
  }

  /** A device call with so many images of this model ended, well or not. */
  public void executed(String model, int batchSize) {
    batchSizes.computeIfAbsent(model, this::batchSize).record(batchSize);
  }

  /** A device call of this lane ended, well or not, after so long. */
  public void laneBusy(String lane, Duration took) {
    counter(Metric.LANE_BUSY, lane).increment(took.toNanos() / 1e9);
  }

  /** A device call of this lane was given up. */
  public void wedged(String lane) {
    counter(Metric.WEDGED_CALLS, lane).increment();
  }

  /** A batch of this lane did not fit the device's memory. */
  public void outOfMemory(String lane) {
    counter(Metric.OUT_OF_MEMORY, lane).increment();
  }

  /** The counts so far, for the status page. */
  public Tally tally() {
    Map<ErrorCode, Long> failed = new EnumMap<>(ErrorCode.class);
    failures.forEach((code, counter) -> failed.put(code, (long) counter.count()));
    return new Tally(
        sum(Metric.REQUEST_SUCCESS),
        failed,
        sum(Metric.UNDECODABLE_RECORDS),
        sum(Metric.DEAD_LETTERS),
        sum(Metric.SEND_FAILURES));
  }

  /** Stops listening to the JVM. */
  @Override
  public void close() {
    garbageCollection.close();
    registry.close();
  }

  PrometheusMeterRegistry registry() {
    return registry;
  }

  private DistributionSummary batchSize(String model) {
    return DistributionSummary.builder(Metric.BATCH_SIZE.registered())
        .description(Metric.BATCH_SIZE.description())
        .tag("model", model)
        .serviceLevelObjectives(BATCH_BUCKETS)
        .register(registry);
  }

  private Counter counter(Metric metric, String... labelValues) {
    return counters.computeIfAbsent(new Series(metric, List.of(labelValues)), this::register);
  }

  private Counter register(Series series) {
    Metric metric = series.metric();
    Counter.Builder builder =
        Counter.builder(metric.registered()).description(metric.description());
    for (int i = 0; i < series.labelValues().size(); i++) {
      builder.tag(metric.labels().get(i), series.labelValues().get(i));
    }
    return builder.register((MeterRegistry) registry);
  }

  private record Series(Metric metric, List<String> labelValues) {}

  private long sum(Metric metric) {
    return (long)
        registry.find(metric.registered()).counters().stream().mapToDouble(Counter::count).sum();
  }

  /**
   * @param least milliseconds from which on a stage counts as reached
   */
  private void timed(Timings timings, double least) {
    time(Stage.QUEUED, timings.queued(), 0);
    time(Stage.FETCH, timings.fetch(), least);
    time(Stage.DECODE, timings.decode(), least);
    time(Stage.BATCH_WAIT, timings.batchWait(), least);
    time(Stage.INFERENCE, timings.inference(), least);
    time(Stage.TOTAL, timings.total(), 0);
  }

  private void time(Stage stage, double milliseconds, double least) {
    if (milliseconds >= least) {
      of(stages, stage).record((long) (milliseconds * 1e6), TimeUnit.NANOSECONDS);
    }
  }

  private static <K, V> V of(Map<K, V> complete, K key) {
    V value = complete.get(key);
    if (value == null) {
      throw new IllegalStateException("no series for " + key);
    }
    return value;
  }
}
