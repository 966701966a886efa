package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.ledger.Committable;
import dev.sluice.worker.ledger.Ledger;
import dev.sluice.worker.ledger.PartitionId;
import dev.sluice.worker.model.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * Stores what records led to together with the offsets that say so: exactly once for readers with
 * {@code isolation.level=read_committed}.
 *
 * <p>What a record led to waits here until everything before it in its partition waits too. A
 * transaction takes that prefix of every partition, no further: what is ahead of the offset that is
 * committed with it would be stored a second time after a crash. It takes the worker's place in its
 * group along, read in the same moment as the ledger, so that the brokers refuse it when a
 * partition has been given to another meanwhile. One runs at a time, on a thread of its own; the
 * next takes what has come together by then, up to a bound.
 *
 * <p>A transaction that was undone is made again with what it held, without what failed in it: a
 * record that was too large is replaced, and what goes to a topic that does not take it waits, with
 * what is behind it in its partition, and holds nobody else up. When the brokers do not say how one
 * ended, its partitions are {@link #uncertain}, and are read again from where they are committed.
 *
 * <p>Rejected: a transaction for each record (a round trip and a marker in every topic for each);
 * results as they come with the offsets later (stored twice after a crash); one producer for each
 * partition (a transaction for each, and thousands of producers).
 */
final class Transactions implements Committer {
  /** Bounds what a transaction holds, and how long readers wait for its end. */
  private static final int MOST_RECORDS = 5_000;

  private static final long MOST_BYTES = 32L << 20;

  /** So many transactions a second cost the brokers little, and nobody notices the wait. */
  private static final Duration BETWEEN = Duration.ofMillis(20);

  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));
  private static final Duration LAST = Duration.ofSeconds(5);

  private final Ledger ledger;
  private final Supplier<ConsumerGroupMetadata> group;
  private final TransactionalProducer producer;
  private final Mailbox mailbox;
  private final IntakeObserver observer;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("transactions").factory());

  /** What waits, by partition and offset. */
  private final Map<PartitionId, NavigableMap<Long, Staged>> staged = new HashMap<>();

  /** Topics that do not take records, and until when they are left alone. */
  private final Map<String, Suspension> suspended = new HashMap<>();

  private final Set<PartitionId> uncertain = new HashSet<>();
  private boolean running;
  private int failures;
  private long notBefore;

  /**
   * @param group who this worker is in its group now
   * @param mailbox where the poll thread hears that a transaction has ended
   */
  Transactions(
      Ledger ledger,
      Supplier<ConsumerGroupMetadata> group,
      TransactionalProducer producer,
      Mailbox mailbox,
      IntakeObserver observer,
      long now) {
    this.ledger = requireNonNull(ledger, "ledger is null");
    this.group = requireNonNull(group, "group is null");
    this.producer = requireNonNull(producer, "producer is null");
    this.mailbox = requireNonNull(mailbox, "mailbox is null");
    this.observer = requireNonNull(observer, "observer is null");
    this.notBefore = now;
    thread.execute(producer::begin);
  }

  /** A transaction takes a prefix of each partition, sends it in order, and only one runs. */
  @Override
  public boolean storesInOrder() {
    return true;
  }

  @Override
  public void handed(Staged fresh) {
    Position position = fresh.position();
    PartitionId partition = PartitionId.of(position);
    NavigableMap<Long, Staged> waiting = staged.computeIfAbsent(partition, _ -> new TreeMap<>());
    Staged before = waiting.get(position.offset());
    if (before != null && before.position().equals(position) && before.isRefused()) {
      ledger.hold(fresh.held() - before.held());
      waiting.put(position.offset(), fresh);
    } else if (ledger.finish(position)) {
      ledger.hold(fresh.held());
      waiting.put(position.offset(), fresh);
    } else {
      fresh.lost();
    }
  }

  @Override
  public void step(long now) {
    if (running || now - notBefore < 0) {
      return;
    }
    ConsumerGroupMetadata member = group.get();
    if (member.generationId() <= 0) {
      // Outside of the group the brokers would take offsets from anybody.
      return;
    }
    Transaction transaction = next(member, now);
    if (transaction.commits().isEmpty()) {
      return;
    }
    running = true;
    notBefore = now + BETWEEN.toNanos();
    thread.execute(() ->
        mailbox.put(new RecordEvent.TransactionEnded(transaction, producer.run(transaction))));
  }

  @Override
  public void settle(long now) {
    step(now);
  }

  @Override
  public void ended(Transaction transaction, Transaction.Result result, long now) {
    running = false;
    switch (result) {
      case Transaction.Result.Committed() -> committed(transaction);
      case Transaction.Result.Aborted(var reason, var failed) -> aborted(reason, failed, now);
      case Transaction.Result.Unknown(var reason) -> {
        observer.commitFailed(reason);
        backOff(now);
        transaction.commits().stream()
            .map(Committable::partition)
            .filter(ledger::holds)
            .forEach(uncertain::add);
      }
    }
  }

  @Override
  public boolean isSettled(Collection<PartitionId> partitions) {
    return ledger.committable(partitions).isEmpty();
  }

  @Override
  public boolean isBusy() {
    return running || ledger.unfinished() > ledger.parked() || !staged.isEmpty();
  }

  /** Whoever lets partitions go has waited for them; what did not end by then is done again. */
  @Override
  public void commitNow(Collection<PartitionId> partitions) {}

  @Override
  public void forget(Collection<PartitionId> partitions) {
    for (PartitionId partition : partitions) {
      NavigableMap<Long, Staged> gone = staged.remove(partition);
      if (gone != null) {
        gone.values()
            .forEach(each -> {
              ledger.hold(-each.held());
              each.lost();
            });
      }
    }
    uncertain.removeAll(partitions);
  }

  @Override
  public Set<PartitionId> uncertain() {
    return Set.copyOf(uncertain);
  }

  @Override
  public void close() {
    producer.stop();
    thread.execute(producer::close);
    thread.shutdown();
    try {
      if (!thread.awaitTermination(LAST.toMillis(), TimeUnit.MILLISECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      thread.shutdownNow();
    }
  }

  /** As much of every partition's finished prefix as may go now. */
  private Transaction next(ConsumerGroupMetadata member, long now) {
    List<Committable> commits = new ArrayList<>();
    List<Staged> taken = new ArrayList<>();
    long bytes = 0;
    for (Committable ready : ledger.committable()) {
      if (uncertain.contains(ready.partition())) {
        continue;
      }
      long offset = ready.offset();
      for (Staged each : prefix(ready)) {
        boolean full =
            taken.size() >= MOST_RECORDS || (bytes > 0 && bytes + each.bytes() > MOST_BYTES);
        if (full || each.isRefused() || isSuspended(each, now)) {
          offset = each.position().offset();
          break;
        }
        taken.add(each);
        bytes += each.bytes();
      }
      Committable commit = new Committable(ready.partition(), ready.epoch(), offset);
      if (ledger.isProgress(commit)) {
        commits.add(commit);
      }
    }
    return new Transaction(commits, taken, member);
  }

  private Collection<Staged> prefix(Committable ready) {
    NavigableMap<Long, Staged> waiting = staged.get(ready.partition());
    return waiting == null ? List.of() : waiting.headMap(ready.offset(), false).values();
  }

  private boolean isSuspended(Staged each, long now) {
    return each.outgoing().stream()
        .map(outgoing -> suspended.get(outgoing.record().topic()))
        .anyMatch(suspension -> suspension != null && now - suspension.until() < 0);
  }

  private void committed(Transaction transaction) {
    failures = 0;
    for (Staged each : transaction.staged()) {
      each.outgoing().forEach(outgoing -> suspended.remove(outgoing.record().topic()));
      NavigableMap<Long, Staged> waiting = staged.get(PartitionId.of(each.position()));
      // Of a tenure that ended meanwhile, it is no longer there.
      if (waiting != null && waiting.remove(each.position().offset(), each)) {
        ledger.hold(-each.held());
      }
      each.stored();
    }
    staged.values().removeIf(Map::isEmpty);
    transaction.commits().forEach(ledger::committed);
    observer.committed(transaction.commits());
  }

  private void aborted(Exception reason, List<Transaction.Failure> failed, long now) {
    if (failed.isEmpty()) {
      observer.commitFailed(reason);
      backOff(now);
      return;
    }
    Set<String> topics = new HashSet<>();
    for (Transaction.Failure failure : failed) {
      if (!(failure.reason() instanceof RecordTooLargeException tooLarge
          && makeSmaller(failure, tooLarge))) {
        topics.add(failure.outgoing().record().topic());
        observer.sendFailed(failure.outgoing().record().topic(), failure.reason());
      }
    }
    topics.forEach(topic -> suspend(topic, now));
  }

  /** Whether something else is stored in its place. */
  private boolean makeSmaller(Transaction.Failure failure, RecordTooLargeException reason) {
    Staged owner = failure.staged();
    return switch (failure.outgoing().tooLarge()) {
      case Outgoing.TooLarge.Refuse() -> {
        owner.refuse(reason);
        yield true;
      }
      case Outgoing.TooLarge.Replace(var smaller) -> {
        long before = owner.held();
        owner.replace(
            owner.outgoing().stream()
                .map(each ->
                    each.equals(failure.outgoing()) ? Outgoing.insisted(smaller.get()) : each)
                .toList());
        if (holds(owner)) {
          ledger.hold(owner.held() - before);
        }
        yield true;
      }
      case Outgoing.TooLarge.Insist() -> false;
    };
  }

  private boolean holds(Staged each) {
    NavigableMap<Long, Staged> waiting = staged.get(PartitionId.of(each.position()));
    return waiting != null && each.equals(waiting.get(each.position().offset()));
  }

  private void suspend(String topic, long now) {
    Suspension before = suspended.get(topic);
    int times = before == null ? 1 : before.times() + 1;
    suspended.put(topic, new Suspension(now + delay(times), times));
  }

  private void backOff(long now) {
    failures++;
    notBefore = now + delay(failures);
  }

  private static long delay(int times) {
    return BACKOFF.delay(times, ThreadLocalRandom.current().nextDouble()).toNanos();
  }

  /** A topic is left alone. */
  private record Suspension(long until, int times) {}
}
