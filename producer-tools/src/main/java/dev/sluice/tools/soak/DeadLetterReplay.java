package dev.sluice.tools.soak;

import dev.sluice.tools.CommandException;
import dev.sluice.tools.local.OwnCommands;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/**
 * Removes the cause of some dead letters and sends them again while faults go on, as a person
 * would: puts the absent images in place, gives the command, and gives the same one again when
 * brokers that are away have stopped it. {@link #run} is called once, on a thread of its own; the
 * other methods by any.
 */
final class DeadLetterReplay implements Runnable {
  /** What is sent again: requests whose image is there now, and others, which fail again. */
  private static final String CODE = "IMAGE_NOT_FOUND";

  /** So slow that it goes on for a while, and meets some faults. */
  private static final String RATE = "20/s";

  /** Longer than brokers are ever away, and than all is sent in. */
  private static final Duration LIMIT = Duration.ofMinutes(10);

  private static final long PAUSE_MILLIS = 500;

  private final OwnCommands commands;
  private final Path images;
  private final List<TopicPartition> requests;
  private final Predicate<Map<TopicPartition, Long>> haveBeenRead;
  private final Account account;
  private final CountDownLatch end;
  private final Consumer<String> events;

  private volatile boolean finished;
  private volatile String failure = "";

  /**
   * @param images the folder that the image server serves
   * @param requests the partitions of the requests
   * @param haveBeenRead whether the account knows of all requests before these offsets
   * @param end nothing is begun after it
   * @param events told in a line each what happens
   */
  DeadLetterReplay(
      OwnCommands commands,
      Path images,
      List<TopicPartition> requests,
      Predicate<Map<TopicPartition, Long>> haveBeenRead,
      Account account,
      CountDownLatch end,
      Consumer<String> events) {
    this.commands = commands;
    this.images = images;
    this.requests = List.copyOf(requests);
    this.haveBeenRead = haveBeenRead;
    this.account = account;
    this.end = end;
    this.events = events;
  }

  @Override
  public void run() {
    long begun = System.nanoTime();
    try {
      account.imagesRestored();
      Pictures.restore(images);
      events.accept("the absent images are in place; their dead letters are sent again");
      while (!sendAgain()) {
        if (System.nanoTime() - begun > LIMIT.toNanos()) {
          failure = "dlt replay did not come through within " + LIMIT;
          return;
        }
        if (end.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
      Map<TopicPartition, Long> ends = ends();
      while (!haveBeenRead.test(ends)) {
        if (end.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
      account.replayFinished();
      events.accept("%d requests were sent again".formatted(account.totals().replayed()));
      finished = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      failure = "the absent images could not be put in place: " + e;
    } catch (ExecutionException e) {
      failure = "the end of the requests could not be found out: " + e.getCause();
    }
  }

  private boolean sendAgain() {
    try {
      commands.replay("--code=" + CODE, "--rate=" + RATE, "--name=soak");
      return true;
    } catch (CommandException e) {
      events.accept("dlt replay did not come through, and is told to go on: " + lastLine(e));
      return false;
    }
  }

  private static String lastLine(CommandException e) {
    return String.valueOf(e.getMessage()).lines().reduce((_, last) -> last).orElse("");
  }

  /** Not the last stable offsets, which are short of what has just been committed. */
  private Map<TopicPartition, Long> ends() throws InterruptedException, ExecutionException {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    requests.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
    Map<TopicPartition, Long> ends = new HashMap<>();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", commands.bootstrapServers()))) {
      admin
          .listOffsets(latest)
          .all()
          .get()
          .forEach((partition, found) -> ends.put(partition, found.offset()));
    }
    return ends;
  }

  /** Whether all has been sent again, and the account knows what. */
  boolean isFinished() {
    return finished;
  }

  /** Why it ended before its time; empty when it did not. */
  String failure() {
    return failure;
  }
}
