package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.worker.model.Parking;
import dev.sluice.worker.model.Position;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;

/**
 * One record in flight and the thread that handles it. The record's thread tells it what it does;
 * the poll thread may tell it to stop. Safe for both.
 */
final class Flight implements Parking {
  private final Position position;
  private final Turn turn;
  private final Mailbox mailbox;
  private final Thread thread;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private Stage stage = new Stage.Working();

  /**
   * @param work what the record's thread does with this flight
   */
  Flight(
      Position position, Turn turn, Mailbox mailbox, ThreadFactory threads, Consumer<Flight> work) {
    this.position = requireNonNull(position, "position is null");
    this.turn = requireNonNull(turn, "turn is null");
    this.mailbox = requireNonNull(mailbox, "mailbox is null");
    this.thread = threads.newThread(() -> work.accept(this));
  }

  /** How far the record has come. */
  sealed interface Stage {
    /** Somebody works on it, or it waits for its turn. */
    record Working() implements Stage {}

    /** It waits for what is down for everybody. */
    record Parked(String dependency) implements Stage {}

    /** It held back its partition for too long and was told to go to a retry topic. */
    record HeldUp(Stage before) implements Stage {}

    /** What it led to is being stored. */
    record Publishing() implements Stage {}
  }

  Position position() {
    return position;
  }

  /** Its place behind others of its key. */
  Turn turn() {
    return turn;
  }

  void start() {
    thread.start();
  }

  /** Poll thread: makes the record's thread give up. */
  void abandon() {
    thread.interrupt();
  }

  /**
   * Poll thread: makes the record go to a retry topic; does nothing once its answer is on its way.
   */
  void holdUp() {
    synchronized (lock) {
      switch (stage) {
        case Stage.Working _, Stage.Parked _ -> {
          stage = new Stage.HeldUp(stage);
          thread.interrupt();
        }
        case Stage.HeldUp _, Stage.Publishing _ -> {}
      }
    }
  }

  Stage stage() {
    synchronized (lock) {
      return stage;
    }
  }

  /**
   * Record's thread: what the record led to is being stored from now on, and {@link #holdUp} comes
   * too late. One that came just before is forgotten, its interruption with it.
   */
  void publishing() {
    synchronized (lock) {
      if (stage instanceof Stage.HeldUp) {
        Thread.interrupted();
      }
      stage = new Stage.Publishing();
    }
  }

  @Override
  public void entered(String dependency) {
    synchronized (lock) {
      if (stage instanceof Stage.Working) {
        stage = new Stage.Parked(dependency);
      }
    }
    mailbox.put(new RecordEvent.Parked(position, dependency));
  }

  @Override
  public void left() {
    synchronized (lock) {
      if (stage instanceof Stage.Parked) {
        stage = new Stage.Working();
      }
    }
    mailbox.put(new RecordEvent.Resumed(position));
  }
}
