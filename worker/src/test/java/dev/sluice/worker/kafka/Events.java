package dev.sluice.worker.kafka;

import dev.sluice.worker.ledger.Committable;
import dev.sluice.worker.ledger.PartitionId;
import dev.sluice.worker.model.Outcome;
import dev.sluice.worker.model.Position;
import dev.sluice.worker.model.TaskException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what an intake reported. Safe for any thread. */
final class Events implements IntakeObserver {
  final List<Position> started = new CopyOnWriteArrayList<>();
  final List<Position> finished = new CopyOnWriteArrayList<>();
  final List<Position> postponed = new CopyOnWriteArrayList<>();
  final List<Position> waitingInPlace = new CopyOnWriteArrayList<>();
  final List<Position> undecodable = new CopyOnWriteArrayList<>();
  final List<Position> abandoned = new CopyOnWriteArrayList<>();
  final List<String> sendsFailed = new CopyOnWriteArrayList<>();
  final List<Exception> registryFailures = new CopyOnWriteArrayList<>();
  final List<Committable> committed = new CopyOnWriteArrayList<>();
  final List<Exception> commitFailures = new CopyOnWriteArrayList<>();
  final List<Exception> pollFailures = new CopyOnWriteArrayList<>();
  final List<PartitionId> assigned = new CopyOnWriteArrayList<>();
  final List<PartitionId> revoked = new CopyOnWriteArrayList<>();
  final List<PartitionId> lost = new CopyOnWriteArrayList<>();

  @Override
  public void started(Position position) {
    started.add(position);
  }

  @Override
  public void finished(Position position, Outcome outcome, Duration elapsed) {
    finished.add(position);
  }

  @Override
  public void postponed(Position position, TaskException reason, Instant due) {
    postponed.add(position);
  }

  @Override
  public void waitsInPlace(Position position, TaskException reason, Duration delay) {
    waitingInPlace.add(position);
  }

  @Override
  public void undecodable(Position position, TaskException reason) {
    undecodable.add(position);
  }

  @Override
  public void abandoned(Position position) {
    abandoned.add(position);
  }

  @Override
  public void sendFailed(String topic, Exception reason) {
    sendsFailed.add(topic);
  }

  @Override
  public void registryUnreachable(Exception reason) {
    registryFailures.add(reason);
  }

  @Override
  public void committed(Collection<Committable> commits) {
    committed.addAll(commits);
  }

  @Override
  public void commitFailed(Exception reason) {
    commitFailures.add(reason);
  }

  @Override
  public void pollFailed(Exception reason) {
    pollFailures.add(reason);
  }

  @Override
  public void assigned(Collection<PartitionId> partitions) {
    assigned.addAll(partitions);
  }

  @Override
  public void revoked(Collection<PartitionId> partitions) {
    revoked.addAll(partitions);
  }

  @Override
  public void lost(Collection<PartitionId> partitions) {
    lost.addAll(partitions);
  }
}
