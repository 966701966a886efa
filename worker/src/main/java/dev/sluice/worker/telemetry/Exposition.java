package dev.sluice.worker.telemetry;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.worker.telemetry.WorkerStatus.Breaker;
import dev.sluice.worker.telemetry.WorkerStatus.Intake;
import dev.sluice.worker.telemetry.WorkerStatus.Lag;
import dev.sluice.worker.telemetry.WorkerStatus.LaneCondition;
import dev.sluice.worker.telemetry.WorkerStatus.Model;
import dev.sluice.worker.telemetry.WorkerStatus.Partition;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * All metrics in Prometheus' text format. Gauges are drawn anew from one {@link WorkerStatus} at
 * each scrape, so that they agree with each other and a partition that has gone leaves no series.
 * Any thread may scrape.
 */
public final class Exposition {
  /** Origins come with requests; more breakers than this are not shown one by one. */
  static final int MAX_BREAKERS = 50;

  private final Metrics metrics;
  private final Supplier<WorkerStatus> status;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<Metric, MultiGauge> gauges = new EnumMap<>(Metric.class);

  /**
   * @param status asked once for each scrape
   */
  public Exposition(Metrics metrics, Supplier<WorkerStatus> status) {
    this.metrics = requireNonNull(metrics, "metrics is null");
    this.status = requireNonNull(status, "status is null");
    for (Metric metric : Metric.values()) {
      if (metric.type() == Metric.Type.GAUGE) {
        gauges.put(
            metric,
            MultiGauge.builder(metric.registered())
                .description(metric.description())
                .register(metrics.registry()));
      }
    }
  }

  /** Everything, in Prometheus' text format 0.0.4. */
  public String scrape() {
    WorkerStatus now = status.get();
    synchronized (lock) {
      rows(now).forEach((metric, rows) -> gauge(metric).register(rows, true));
      return metrics.registry().scrape();
    }
  }

  /** Those that are shown: the open ones first, and no more than {@link #MAX_BREAKERS}. */
  static List<Breaker> shown(List<Breaker> breakers) {
    return breakers.stream()
        .sorted(Comparator.comparing(Breaker::state).reversed().thenComparing(Breaker::origin))
        .limit(MAX_BREAKERS)
        .toList();
  }

  private static Map<Metric, List<Row<?>>> rows(WorkerStatus now) {
    Map<Metric, List<Row<?>>> rows = new EnumMap<>(Metric.class);
    rows.put(Metric.IN_FLIGHT_RECORDS, one(now.inFlight().records()));
    rows.put(Metric.IN_FLIGHT_IMAGES, one(now.inFlight().images()));
    rows.put(Metric.IN_FLIGHT_BYTES, one(now.inFlight().bytes()));
    rows.put(Metric.INTAKE_PAUSED, one(now.intake() instanceof Intake.Open ? 0 : 1));
    rows.put(
        Metric.PENDING_REQUESTS,
        rows(
            now.models().stream()
                .map(model -> Row.of(Tags.of("model", model.name()), model.waiting()))));
    rows.put(
        Metric.LARGEST_BATCH,
        rows(
            now.models().stream()
                .map(model -> Row.of(Tags.of("model", model.name()), model.largestBatch()))));
    rows.put(
        Metric.LANES,
        rows(
            now.models().stream()
                .flatMap(model ->
                    Arrays.stream(LaneCondition.values())
                        .map(condition -> lanes(model, condition)))));
    List<Row<?>> lags = new ArrayList<>();
    for (Partition partition : now.partitions()) {
      if (partition.lag() instanceof Lag.Records(long count)) {
        lags.add(Row.of(tags(partition), count));
      }
    }
    rows.put(Metric.PARTITION_LAG, lags);
    rows.put(
        Metric.PARTITION_IN_FLIGHT,
        rows(
            now.partitions().stream()
                .map(partition -> Row.of(tags(partition), partition.inFlight()))));
    rows.put(
        Metric.BREAKER_STATE,
        rows(
            shown(now.breakers()).stream()
                .map(breaker -> Row.of(Tags.of("origin", breaker.origin()), level(breaker)))));
    rows.put(
        Metric.BREAKER_SINCE,
        rows(
            shown(now.breakers()).stream()
                .map(breaker ->
                    Row.of(
                        Tags.of("origin", breaker.origin()),
                        breaker.since().toEpochMilli() / 1e3))));
    rows.put(
        Metric.WAITING_REQUESTS,
        rows(
            Outages.largest(now.waiting()).stream()
                .map(waiting ->
                    Row.of(Tags.of("dependency", waiting.dependency()), waiting.requests()))));
    return rows;
  }

  private static Row<?> lanes(Model model, LaneCondition condition) {
    String state = condition.name().toLowerCase(Locale.ROOT);
    return Row.of(
        Tags.of("model", model.name(), "state", state),
        model.lanes().stream().filter(lane -> lane.condition() == condition).count());
  }

  private static int level(Breaker breaker) {
    return switch (breaker.state()) {
      case CLOSED -> 0;
      case HALF_OPEN -> 1;
      case OPEN -> 2;
    };
  }

  private static Tags tags(Partition partition) {
    return Tags.of(
        "topic", partition.topic(), "partition", Integer.toString(partition.partition()));
  }

  private static List<Row<?>> one(Number value) {
    return List.of(Row.of(Tags.empty(), value));
  }

  private static List<Row<?>> rows(Stream<? extends Row<?>> rows) {
    List<Row<?>> list = new ArrayList<>();
    rows.forEach(list::add);
    return list;
  }

  @GuardedBy("lock")
  private MultiGauge gauge(Metric metric) {
    MultiGauge gauge = gauges.get(metric);
    if (gauge == null) {
      throw new IllegalStateException(metric + " is not a gauge");
    }
    return gauge;
  }
}
