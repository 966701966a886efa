package dev.sluice.worker;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.kafka.IntakeObserver;
import dev.sluice.worker.ledger.Committable;
import dev.sluice.worker.ledger.PartitionId;
import dev.sluice.worker.model.Outcome;
import dev.sluice.worker.model.Position;
import dev.sluice.worker.model.TaskException;
import dev.sluice.worker.telemetry.Metrics;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts and logs what happens to records. Safe for any thread; never blocks. */
final class IntakeTelemetry implements IntakeObserver {
  private static final Logger LOG = LoggerFactory.getLogger(IntakeTelemetry.class);

  /** A topic that takes nothing fails thousands of sends in the same way. */
  private final Repeats failures = new Repeats(Duration.ofSeconds(10), System::nanoTime);

  private final Metrics metrics;

  IntakeTelemetry(Metrics metrics) {
    this.metrics = requireNonNull(metrics, "metrics is null");
  }

  @Override
  public void started(Position position) {}

  @Override
  public void finished(Position position, Outcome outcome, Duration elapsed) {
    metrics.finished(outcome);
    switch (outcome) {
      case Outcome.Succeeded succeeded ->
          LOG.debug(
              "succeeded with {} version {} in {} ms",
              succeeded.model(),
              succeeded.modelVersion(),
              elapsed.toMillis());
      case Outcome.Failed failed -> {
        metrics.deadLetter(failed.reason().code());
        LOG.warn("failed: {}: {}", failed.reason().code(), failed.reason().getMessage());
      }
      case Outcome.Expired expired -> LOG.info("expired: {}", expired.stage());
    }
  }

  @Override
  public void postponed(Position position, TaskException reason, Instant due) {
    metrics.postponed(reason.code());
    LOG.info("{}: {}; tried again at {}", reason.code(), reason.getMessage(), due);
  }

  @Override
  public void waitsInPlace(Position position, TaskException reason, Duration delay) {
    metrics.postponed(reason.code());
    LOG.info(
        "{}: {}; tried again in {} s, before what is behind it is answered",
        reason.code(),
        reason.getMessage(),
        delay.toMillis() / 1000.0);
  }

  @Override
  public void undecodable(Position position, TaskException reason) {
    metrics.undecodable(position.topic());
    metrics.deadLetter(reason.code());
    LOG.warn("{} is now a dead letter: {}", position, reason.getMessage());
  }

  @Override
  public void abandoned(Position position) {
    LOG.debug("{} was given up; it will be done again", position);
  }

  @Override
  public void sendFailed(String topic, Exception reason) {
    metrics.sendFailed(topic);
    failures
        .happened(topic + " " + reason.getClass().getName())
        .ifPresent(missed ->
            LOG.warn(
                "a send to {} failed and is tried again: {}{}",
                topic,
                reason.toString(),
                missed == 0 ? "" : " (and " + missed + " times since this was said last)"));
  }

  @Override
  public void registryUnreachable(Exception reason) {
    LOG.warn(
        "the schema registry cannot be asked; records with a new schema wait: {}",
        reason.toString());
  }

  @Override
  public void committed(Collection<Committable> commits) {
    LOG.debug("committed {}", commits);
  }

  @Override
  public void commitFailed(Exception reason) {
    LOG.warn("a commit failed; the next one covers it: {}", reason.toString());
  }

  @Override
  public void pollFailed(Exception reason) {
    LOG.warn("polling failed and is tried again: {}", reason.toString());
  }

  @Override
  public void assigned(Collection<PartitionId> partitions) {
    LOG.info("assigned {}", partitions);
  }

  @Override
  public void revoked(Collection<PartitionId> partitions) {
    LOG.info("handed back {}", partitions);
  }

  @Override
  public void lost(Collection<PartitionId> partitions) {
    LOG.warn("lost {}; the work in flight for them is dropped and done by others", partitions);
  }
}
