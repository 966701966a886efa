package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.ledger.Epochs;
import dev.sluice.worker.ledger.Ledger;
import dev.sluice.worker.ledger.PartitionId;
import dev.sluice.worker.ledger.PartitionState;
import dev.sluice.worker.ledger.Room;
import dev.sluice.worker.model.Position;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidGroupIdException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes records from Kafka and sees to it that each is handled: the one owner of the consumer.
 *
 * <p>One thread, the poll thread, runs {@link #runOnce} over and over and owns everything here but
 * what is marked otherwise. It never waits for a record: records are handled on virtual threads of
 * their own, and what may not be taken on yet waits in the backlog with its partition paused. So
 * polling is never late because work is slow, whatever max.poll.interval.ms is.
 *
 * <p>At least once, a record is finished when everything that it led to has been acknowledged;
 * exactly once, when all of it waits for the transaction that stores it with its offset. What is
 * committed is the {@link Ledger}'s, by a {@link Committer}. A partition that leaves is drained
 * within a budget, committed and let go, and from then on nothing is published for it.
 *
 * <p>While records wait for room, the thread waits for records to finish, a few milliseconds at
 * most, and polls now and then without waiting (a poll costs as much as taking on several records);
 * else it waits in poll. Waking poll up from other threads was rejected: a wake-up that comes a
 * moment too late aborts the commit that follows.
 */
public final class Intake {
  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration FOR_ROOM = Duration.ofMillis(5);
  private static final Duration BETWEEN_POLLS = Duration.ofMillis(5);
  private static final Duration AFTER_FAILED_POLL = Duration.ofMillis(500);
  private static final Duration BETWEEN_SNAPSHOTS = Duration.ofMillis(200);
  private static final Duration BETWEEN_HOLD_CHECKS = Duration.ofSeconds(1);
  private static final Duration BETWEEN_REWINDS = Duration.ofMillis(500);
  private static final Duration ASKING = Duration.ofSeconds(2);
  private static final Duration LEAVING = Duration.ofSeconds(5);

  private final Consumer<byte[], byte[]> consumer;
  private final Topics topics;
  private final IntakeSettings settings;
  private final Ledger ledger;
  private final Epochs epochs;
  private final Mailbox mailbox;
  private final RecordThreads threads;
  private final KeyOrder keys;
  private final Backlog backlog = new Backlog();
  private final Committer commits;
  private final Soundings soundings;
  private final Lag lag;
  private final Pauses pauses;
  private final IntakeObserver observer;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final Thread thread = Thread.ofPlatform().name("intake").unstarted(this::run);

  /** Any thread. */
  private final CompletableFuture<IntakeSnapshot.Phase> ended = new CompletableFuture<>();

  private Instant lastPoll;
  private long nextPoll;
  private long lastSnapshot;
  private long lastHoldCheck;
  private long lastRewind;

  /** Whether records that could be handled now wait for room. */
  private boolean shortOfRoom;

  /** Whether no partition has room, whichever bound is met. */
  private boolean full;

  private long drainUntil;

  /** Written by whoever stops the intake. */
  private volatile Duration stopBudget = Duration.ZERO;

  /** Written by whoever stops the intake. */
  private volatile boolean stopping;

  /** Written by the poll thread, and read by anybody. */
  private volatile IntakeSnapshot snapshot;

  private Intake(
      Consumer<byte[], byte[]> consumer,
      Ledger ledger,
      Committer commits,
      Soundings.Brokers brokers,
      Topics topics,
      IntakeSettings settings,
      RecordHandler handler,
      Epochs epochs,
      Mailbox mailbox,
      IntakeObserver observer,
      InstantSource clock,
      LongSupplier nanos) {
    this.consumer = consumer;
    this.ledger = ledger;
    this.commits = commits;
    this.topics = requireNonNull(topics, "topics is null");
    this.settings = requireNonNull(settings, "settings is null");
    this.epochs = requireNonNull(epochs, "epochs is null");
    this.mailbox = requireNonNull(mailbox, "mailbox is null");
    this.observer = requireNonNull(observer, "observer is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.nanos = requireNonNull(nanos, "nanos is null");
    this.keys = new KeyOrder(settings.ordering(), commits.storesInOrder());
    this.threads = new RecordThreads(handler, epochs, mailbox, observer);
    long now = nanos.getAsLong();
    this.nextPoll = now;
    this.lastSnapshot = now;
    this.lastHoldCheck = now;
    this.lastRewind = now;
    this.lastPoll = clock.instant();
    this.soundings = new Soundings(brokers, now, lastPoll);
    this.lag = new Lag(consumer, soundings);
    this.pauses = new Pauses(consumer);
    this.snapshot = snapshot(IntakeSnapshot.Phase.NEW, now);
  }

  /**
   * Opens the consumer; {@link #start} begins.
   *
   * @param protocol what the brokers offer, see {@link StartupCheck}; the configuration may say
   *     otherwise
   * @param worker names this worker to the brokers; no other worker of the group has this name
   * @param epochs the same that the {@link Publisher} asks
   * @param mailbox the same that the publisher writes to
   * @param clock tells people when things were
   * @param nanos measures intervals, in nanoseconds of any origin
   */
  public static Intake open(
      ConnectionSettings connection,
      GroupProtocol protocol,
      Guarantee guarantee,
      String worker,
      Topics topics,
      IntakeSettings settings,
      RecordHandler handler,
      Epochs epochs,
      Mailbox mailbox,
      IntakeObserver observer,
      InstantSource clock,
      LongSupplier nanos) {
    Consumer<byte[], byte[]> consumer = KafkaClients.consumer(connection, protocol, guarantee);
    Ledger ledger = new Ledger(settings.bounds());
    Committer commits =
        switch (guarantee) {
          case AT_LEAST_ONCE ->
              new Commits(consumer, ledger, settings.commitInterval(), observer, nanos.getAsLong());
          case EXACTLY_ONCE ->
              new Transactions(
                  ledger,
                  consumer::groupMetadata,
                  new TransactionalProducer(
                      () -> KafkaClients.transactionalProducer(connection, worker), observer),
                  mailbox,
                  observer,
                  nanos.getAsLong());
        };
    return new Intake(
        consumer,
        ledger,
        commits,
        new AdminBrokers(KafkaClients.admin(connection)),
        topics,
        settings,
        handler,
        epochs,
        mailbox,
        observer,
        clock,
        nanos);
  }

  /** Starts the poll thread; once. */
  public void start() {
    thread.start();
  }

  /**
   * Stops taking records on, lets those in flight finish within the budget, commits, leaves the
   * group and waits until all that is done. What has not finished by then is interrupted, and done
   * again by whoever gets its partition. Called by the thread that called {@link #start}, or would
   * have; a second call only waits.
   *
   * @return how it ended: STOPPED, or FAILED when it had ended by itself before
   */
  public IntakeSnapshot.Phase stop(Duration budget) {
    if (!stopping) {
      stopBudget = budget;
      stopping = true;
      if (thread.getState() == Thread.State.NEW) {
        commits.close();
        soundings.close();
        consumer.close(CloseOptions.timeout(Duration.ZERO));
        ended.complete(IntakeSnapshot.Phase.STOPPED);
      }
    }
    return ended.join();
  }

  /** How the intake stood a moment ago. Any thread. */
  public IntakeSnapshot snapshot() {
    return snapshot;
  }

  /**
   * Completes when the poll thread has ended: with STOPPED after {@link #stop}, with FAILED by
   * itself; the worker cannot go on then. Any thread.
   */
  public CompletableFuture<IntakeSnapshot.Phase> ended() {
    return ended.copy();
  }

  private void run() {
    IntakeSnapshot.Phase phase = IntakeSnapshot.Phase.FAILED;
    try {
      consumer.subscribe(topics.read(), new Rebalance());
      while (!stopping) {
        runOnceOrReport();
      }
      drain();
      phase = IntakeSnapshot.Phase.STOPPED;
    } catch (UnsupportedVersionException e) {
      LOG.error("the brokers lack what the configuration asks for; try group.protocol=classic", e);
    } catch (RuntimeException | Error e) {
      LOG.error("the intake ended by itself; nothing more is read until the worker restarts", e);
    } finally {
      leave();
      snapshot = snapshot(phase, nanos.getAsLong());
      ended.complete(phase);
    }
  }

  /** What can be mended from outside, such as brokers away or a topic forbidden, is tried again. */
  private void runOnceOrReport() {
    try {
      runOnce(nanos.getAsLong());
    } catch (FencedInstanceIdException
        | InvalidConfigurationException
        | InvalidGroupIdException
        | InterruptException e) {
      throw e;
    } catch (KafkaException e) {
      observer.pollFailed(e);
      takeSnapshot(nanos.getAsLong());
      LockSupport.parkNanos(AFTER_FAILED_POLL.toNanos());
    }
  }

  /** One turn of the loop. */
  private void runOnce(long now) {
    hear(isAwake() ? FOR_ROOM : Duration.ZERO);
    admit(now);
    commits.step(now);
    rewindWhatIsUncertain(now);
    holdUpWhatIsOverdue(now);
    soundings.step(now, clock.instant(), ledger::partitions);
    if (!isAwake()) {
      poll(POLL);
    } else if (now - nextPoll >= 0) {
      pollInPassing();
    }
    takeSnapshot(now);
  }

  /** Whether waiting in poll would keep somebody waiting. */
  private boolean isAwake() {
    return shortOfRoom || commits.isBusy();
  }

  private void hear(Duration wait) {
    for (RecordEvent event : mailbox.take(wait)) {
      switch (event) {
        case RecordEvent.Ended(Position position, boolean handled) -> {
          threads.ended(position);
          keys.leave(position);
          if (handled) {
            ledger.finish(position);
          }
        }
        case RecordEvent.Parked(Position position, _) -> ledger.park(position);
        case RecordEvent.Resumed(Position position) -> ledger.resume(position);
        case RecordEvent.Handed(Staged staged) -> commits.handed(staged);
        case RecordEvent.TransactionEnded(var transaction, var result) ->
            commits.ended(transaction, result, nanos.getAsLong());
      }
    }
  }

  private void admit(long now) {
    Admission admission = new Admission(now, clock.instant());
    backlog.offerTo(admission);
    full = admission.full || ledger.isFull();
    shortOfRoom = stopping || full || admission.refused;
  }

  /** Reads partitions again from where they are committed. */
  private void rewindWhatIsUncertain(long now) {
    Set<PartitionId> uncertain = commits.uncertain();
    if (uncertain.isEmpty() || now - lastRewind < BETWEEN_REWINDS.toNanos()) {
      return;
    }
    lastRewind = now;
    Set<TopicPartition> partitions = new HashSet<>();
    uncertain.forEach(partition -> partitions.add(KafkaClients.kafka(partition)));
    try {
      // What Kafka has taken away is not here any more, though this worker hears of it later.
      partitions.retainAll(consumer.assignment());
      consumer.committed(partitions, ASKING).forEach(this::rewind);
    } catch (TimeoutException e) {
      observer.commitFailed(e);
    } catch (IllegalStateException e) {
      LOG.debug("partitions were lost while they were rewound", e);
    }
  }

  private void rewind(TopicPartition partition, @Nullable OffsetAndMetadata committed) {
    if (committed == null) {
      consumer.seekToBeginning(List.of(partition));
    } else {
      consumer.seek(partition, committed);
    }
    PartitionId rewound = KafkaClients.ours(partition);
    forget(Set.of(rewound));
    ledger.begin(rewound, epochs.begin(rewound));
    LOG.warn("the brokers did not say whether {} was committed; it is read again", rewound);
  }

  private void holdUpWhatIsOverdue(long now) {
    if (now - lastHoldCheck >= BETWEEN_HOLD_CHECKS.toNanos()) {
      lastHoldCheck = now;
      ledger.overdue(now - settings.maxHold().toNanos()).forEach(threads::holdUp);
    }
  }

  /** A poll looks at each partition; up to 25 ms long, it takes a fifth of the time at most. */
  private void pollInPassing() {
    long begun = nanos.getAsLong();
    poll(Duration.ZERO);
    long over = nanos.getAsLong();
    long rest = Math.max(BETWEEN_POLLS.toNanos(), 4 * (over - begun));
    nextPoll = over + Math.min(rest, POLL.toNanos());
  }

  private void poll(Duration wait) {
    if (stopping || full) {
      pauses.all();
    } else {
      pauses.only(backlog.partitions());
    }
    ConsumerRecords<byte[], byte[]> polled = consumer.poll(wait);
    lastPoll = clock.instant();
    polled.nextOffsets().forEach((partition, next) -> keep(polled, partition, next));
  }

  private void keep(
      ConsumerRecords<byte[], byte[]> polled, TopicPartition partition, OffsetAndMetadata next) {
    PartitionId held = KafkaClients.ours(partition);
    if (ledger.holds(held)) {
      lag.polled(held, next.offset());
      backlog.add(held, polled.records(partition), next.offset());
    }
  }

  private void drain() {
    drainUntil = nanos.getAsLong() + stopBudget.toNanos();
    backlog.drop(ledger.partitions());
    LOG.info("draining: {} records in flight", ledger.unfinished());
    while (!isDrained(ledger.partitions()) && nanos.getAsLong() < drainUntil) {
      runOnceOrReport();
    }
    int working = ledger.working(ledger.partitions());
    if (working > 0) {
      LOG.warn("{} records did not finish within {}; they will be done again", working, stopBudget);
    }
    if (ledger.parked() > 0) {
      LOG.info("{} records wait for what is down; others take them over", ledger.parked());
    }
  }

  /** What is parked may wait for hours: nobody waits for it. */
  private boolean isDrained(Collection<PartitionId> partitions) {
    return ledger.working(partitions) == 0 && commits.isSettled(partitions);
  }

  private void leave() {
    letGo(Set.copyOf(ledger.partitions()));
    commits.close();
    soundings.close();
    try {
      consumer.close(CloseOptions.timeout(LEAVING));
    } catch (KafkaException e) {
      LOG.warn("the consumer did not close in order", e);
    }
    long until = nanos.getAsLong() + LEAVING.toNanos();
    while (threads.running() > 0 && nanos.getAsLong() < until) {
      hear(FOR_ROOM);
    }
    if (threads.running() > 0) {
      LOG.warn("{} records do not react to being interrupted; left behind", threads.running());
    }
  }

  /** From here on nothing is published for these partitions. */
  private void letGo(Set<PartitionId> partitions) {
    partitions.forEach(epochs::end);
    hear(Duration.ZERO);
    commits.commitNow(partitions);
    forget(partitions);
  }

  private void forget(Set<PartitionId> partitions) {
    partitions.forEach(epochs::end);
    partitions.forEach(ledger::end);
    lag.forget(partitions);
    backlog.drop(partitions);
    commits.forget(partitions);
    keys.forget(partitions);
    threads.abandon(partitions);
  }

  private void takeSnapshot(long now) {
    if (now - lastSnapshot >= BETWEEN_SNAPSHOTS.toNanos()) {
      lastSnapshot = now;
      snapshot =
          snapshot(stopping ? IntakeSnapshot.Phase.DRAINING : IntakeSnapshot.Phase.RUNNING, now);
    }
  }

  private IntakeSnapshot snapshot(IntakeSnapshot.Phase phase, long now) {
    List<PartitionState> states = ledger.states();
    long oldest =
        states.stream()
            .flatMapToLong(state -> state.oldestAdmittedAt().stream())
            .map(admittedAt -> now - admittedAt)
            .max()
            .orElse(0);
    return new IntakeSnapshot(
        phase,
        isMember(phase),
        clock.instant(),
        lastPoll,
        soundings.lastAnswer(),
        ledger.unfinished(),
        ledger.parked(),
        ledger.bytes(),
        backlog.size(),
        full,
        Duration.ofNanos(oldest),
        partitions(states));
  }

  /** The generation (the member's epoch in the new protocol) is not positive outside the group. */
  private boolean isMember(IntakeSnapshot.Phase phase) {
    return switch (phase) {
      case RUNNING, DRAINING -> consumer.groupMetadata().generationId() > 0;
      case NEW, STOPPED, FAILED -> false;
    };
  }

  private List<IntakeSnapshot.Partition> partitions(List<PartitionState> states) {
    if (states.isEmpty()) {
      return List.of();
    }
    Set<TopicPartition> paused = consumer.paused();
    Map<PartitionId, Long> lags = lag.of(states, backlog::firstOffset);
    return states.stream()
        .map(state -> {
          Long known = lags.get(state.partition());
          return new IntakeSnapshot.Partition(
              state,
              paused.contains(KafkaClients.kafka(state.partition())),
              known == null ? OptionalLong.empty() : OptionalLong.of(known));
        })
        .toList();
  }

  /** Takes records on that are due, while there is room. */
  private final class Admission implements Backlog.Taker {
    private final long now;
    private final Instant time;

    /** Whether a record that is due has to wait for others of its partition or key. */
    private boolean refused;

    /** Whether there was no room for a record in any partition. */
    private boolean full;

    private Admission(long now, Instant time) {
      this.now = now;
      this.time = time;
    }

    @Override
    public Backlog.Answer take(PartitionId partition, ConsumerRecord<byte[], byte[]> record) {
      if (stopping || ledger.isFull()) {
        full = true;
        return Backlog.Answer.FULL;
      }
      Provenance provenance = Provenance.of(record, topics);
      if (provenance.due().isAfter(time)) {
        return Backlog.Answer.NOT_NOW;
      }
      long bytes = RecordSize.of(record);
      byte @Nullable [] key = record.key();
      boolean free = key == null || keys.hasRoom(partition, key);
      Room room = ledger.room(partition, bytes);
      if (room == Room.FULL) {
        full = true;
        return Backlog.Answer.FULL;
      }
      if (!free || room == Room.PARTITION_FULL) {
        refused = true;
        return Backlog.Answer.NOT_NOW;
      }
      Position position = ledger.admit(partition, record.offset(), bytes, now);
      Turn turn = key == null ? Turn.first() : keys.join(position, key);
      threads.start(new Received(record, position, provenance), turn);
      return Backlog.Answer.TAKEN;
    }

    @Override
    public void reached(PartitionId partition, long offset) {
      ledger.reached(partition, offset);
    }
  }

  /** Called by Kafka on the poll thread, from within poll and close. */
  private final class Rebalance implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      List<PartitionId> given = KafkaClients.ours(partitions);
      for (PartitionId partition : given) {
        ledger.begin(partition, epochs.begin(partition));
      }
      observer.assigned(given);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      Set<PartitionId> leaving = Set.copyOf(KafkaClients.ours(partitions));
      backlog.drop(leaving);
      long until = nanos.getAsLong() + settings.drainBudget().toNanos();
      if (stopping) {
        until = Math.min(until, drainUntil);
      }
      while (!isDrained(leaving) && nanos.getAsLong() < until) {
        hear(FOR_ROOM);
        admit(nanos.getAsLong());
        commits.settle(nanos.getAsLong());
      }
      letGo(leaving);
      observer.revoked(leaving);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      Set<PartitionId> gone = Set.copyOf(KafkaClients.ours(partitions));
      forget(gone);
      observer.lost(gone);
    }
  }
}
