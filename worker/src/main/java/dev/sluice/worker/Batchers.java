package dev.sluice.worker;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.batch.BatchPolicy;
import dev.sluice.worker.batch.BatchSettings;
import dev.sluice.worker.batch.BatchSizing;
import dev.sluice.worker.batch.Batcher;
import dev.sluice.worker.batch.DeviceCall;
import dev.sluice.worker.batch.LaneObserver;
import dev.sluice.worker.inference.Batching;
import dev.sluice.worker.inference.InferenceInput;
import dev.sluice.worker.inference.Lane;
import dev.sluice.worker.inference.ServedModel;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.telemetry.Metrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One batcher for each version of each model, and one thread that watches over all their lanes.
 * Safe for any thread.
 */
final class Batchers {
  private static final Logger LOG = LoggerFactory.getLogger(Batchers.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

  private final SequencedMap<ServedModel, Batcher<InferenceInput, Output>> byModel;
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("lane-watchdog").factory());

  private Batchers(SequencedMap<ServedModel, Batcher<InferenceInput, Output>> byModel) {
    this.byModel = byModel;
    ScheduledFuture<?> _ =
        watchdog.scheduleWithFixedDelay(
            this::watch, BETWEEN_LOOKS.toMillis(), BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Starts the lanes of every model.
   *
   * @param queueCapacity images that may wait for one model's lanes; as many as may be in flight,
   *     so that this bound is never the one that is met
   * @param lanes hears what goes wrong with lanes
   */
  static Batchers start(
      List<ServedModel> models,
      int queueCapacity,
      Metrics metrics,
      LaneObserver lanes,
      InstantSource clock,
      LongSupplier nanoClock) {
    SequencedMap<ServedModel, Batcher<InferenceInput, Output>> byModel = new LinkedHashMap<>();
    for (ServedModel model : models) {
      BatchPolicy policy =
          new BatchPolicy(model.maxBatchSize(), model.preferredBatchSizes(), model.maxQueueDelay());
      BatchSettings settings =
          new BatchSettings(
              model.name() + "-" + model.version(),
              policy,
              sizing(model),
              queueCapacity,
              model.maxCallDuration());
      byModel.put(
          model,
          new Batcher<>(
              settings, counted(model, settings, metrics, nanoClock), lanes, clock, nanoClock));
    }
    return new Batchers(byModel);
  }

  /** The batcher in front of the model's lanes. */
  Batcher<InferenceInput, Output> of(ServedModel model) {
    return requireNonNull(byModel.get(model), () -> "no batcher for " + model);
  }

  /** Every model and its batcher, in the repository's order. */
  Map<ServedModel, Batcher<InferenceInput, Output>> all() {
    return byModel;
  }

  /**
   * Refuses new images and ends the lanes.
   *
   * @param budget for each model in turn
   * @return whether every lane has ended, so that the models' memory may be freed
   */
  boolean close(Duration budget) throws InterruptedException {
    boolean ended = true;
    watchdog.shutdown();
    for (Batcher<InferenceInput, Output> batcher : byModel.values()) {
      ended &= batcher.close(budget);
    }
    return ended;
  }

  private void watch() {
    try {
      byModel.values().forEach(Batcher::watch);
    } catch (RuntimeException e) {
      // Thrown on, it would end the watch.
      LOG.error("the watch over the lanes failed; it goes on", e);
    }
  }

  private static BatchSizing sizing(ServedModel model) {
    return switch (model.batching()) {
      case Batching.Fixed() -> new BatchSizing.Fixed();
      case Batching.Adaptive(Duration latencyObjective) ->
          new BatchSizing.Adaptive(latencyObjective);
    };
  }

  private static List<DeviceCall<InferenceInput, Output>> counted(
      ServedModel model, BatchSettings settings, Metrics metrics, LongSupplier nanoClock) {
    List<DeviceCall<InferenceInput, Output>> devices = new ArrayList<>();
    for (Lane lane : model.lanes()) {
      String name = settings.laneName(devices.size());
      devices.add(batch -> {
        metrics.executed(model.name(), batch.size());
        long began = nanoClock.getAsLong();
        try {
          return lane.infer(batch);
        } finally {
          metrics.laneBusy(name, Duration.ofNanos(nanoClock.getAsLong() - began));
        }
      });
    }
    return devices;
  }
}
