package dev.sluice.tools.dlt;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.tools.CommandException;
import dev.sluice.tools.ExitCode;
import dev.sluice.tools.KafkaOptions;
import dev.sluice.tools.OutputOptions;
import dev.sluice.tools.Pace;
import dev.sluice.tools.Progress;
import dev.sluice.tools.Table;
import dev.sluice.tools.Terminal;
import dev.sluice.tools.TopicOptions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sluice dlt replay}: send dead letters again. */
@Command(
    name = "replay",
    description = {
      "Send the requests in dead letters again, to the topics they came from: their own bytes, key"
          + " and headers. The dead letters stay where they are.",
      "Reads up to where the dead-letter topic ends at the start. Interrupted by whatever, the same"
          + " command goes on where it was; finished, it goes on with what has come since. It sends"
          + " no dead letter twice (readers of committed records see each at most once).",
      "Try it with --dry-run first: it says what would be sent and sends nothing."
    })
final class DltReplay implements Callable<Integer> {

  /** Both the consumer group that keeps the progress and the transactional id are called so. */
  private static final String PREFIX = "sluice-dlt-replay.";

  private static final int SELECTION_BYTES = 6;
  private static final int SHOWN_PLACES = 3;
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  @Mixin private KafkaOptions kafka;
  @Mixin private TopicOptions topics;
  @Mixin private FilterOptions chosen;
  @Mixin private OutputOptions output;

  @Option(
      names = "--dry-run",
      description = "Say what would be sent, by code, origin and topic; send nothing.")
  private boolean dryRun;

  @Option(
      names = "--rate",
      paramLabel = "RATE",
      defaultValue = "",
      description = "Send at most so many: 50 or 50/s, 100/m, 1000/h (default: no limit).")
  private String rate = "";

  @Option(
      names = "--to",
      paramLabel = "TOPIC",
      defaultValue = "",
      description =
          "Send all to this topic (default: each to the requests topic that it came from).")
  private String destination = "";

  @Option(
      names = "--max-replays",
      paramLabel = "N",
      defaultValue = "3",
      description = "Refuse what has been sent again so often already (default: ${DEFAULT-VALUE}).")
  private long maxReplays;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "",
      description =
          "Keep the progress under this name (default: one made of the filters, --to and the"
              + " dead-letter topic).")
  private String name = "";

  @Option(
      names = "--restart",
      description = "Forget the progress and begin with the first dead letter again.")
  private boolean restart;

  @Override
  public Integer call() throws InterruptedException {
    Pace pace = pace();
    if (maxReplays < 1) {
      throw CommandException.usage("--max-replays has to be at least 1");
    }
    DeadLetterFilter filter = chosen.filter(Instant.now());
    String selection = selection();
    String replay = name.isEmpty() ? selection : checked(name);
    ReplayTally tally = new ReplayTally();
    // Listens until all is told, whatever stops it.
    try (Interruption interruption = Interruption.listen();
        RequestDecoder decoder = new RequestDecoder(kafka.registry(), kafka.registryProperties());
        TopicScan scan =
            TopicScan.open(
                kafka.clientProperties(),
                topics.deadLetters(),
                PREFIX + replay,
                new Progress(output.err(), Terminal.isStderr(), System::nanoTime),
                System::nanoTime)) {
      checkDestination(scan);
      Selection everything = new Selection(filter, decoder, topics.requests());
      boolean finished =
          dryRun
              ? look(replay, selection, everything, scan, tally, interruption)
              : send(replay, selection, everything, scan, tally, interruption, pace);
      everything.tellOfAbsentRegistry(output);
      print(
          new Report(
              replay,
              dryRun,
              finished,
              dryRun ? tally.sent() : 0,
              dryRun ? 0 : tally.sent(),
              tally.refused(),
              tally.groups(),
              tally.refusals()));
      return dryRun || (finished && tally.refused() == 0) ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  private boolean look(
      String replay,
      String selection,
      Selection everything,
      TopicScan scan,
      ReplayTally tally,
      Interruption interruption)
      throws InterruptedException {
    // Does not wait for the transaction of a run that was killed, nor end it.
    Itinerary itinerary = itinerary(replay, selection, everything.filter(), scan, false);
    announce(replay, itinerary);
    return scan.forEach(
        itinerary.stretch(),
        new Replayer(
            everything.within(itinerary.window()),
            rules(scan),
            tally,
            new DryRun(tally),
            interruption::isRequested));
  }

  private boolean send(
      String replay,
      String selection,
      Selection everything,
      TopicScan scan,
      ReplayTally tally,
      Interruption interruption,
      Pace pace)
      throws InterruptedException {
    Producer<byte[], byte[]> producer = producer(PREFIX + replay);
    try {
      // Ends what an earlier run has left open, and that run itself if it still goes on.
      producer.initTransactions();
      Itinerary itinerary = itinerary(replay, selection, everything.filter(), scan, true);
      announce(replay, itinerary);
      ReplaySender sender =
          new ReplaySender(
              producer,
              scan.groupMetadata(),
              itinerary,
              tally,
              pace,
              interruption::await,
              System::nanoTime);
      sender.begin();
      boolean finished =
          scan.forEach(
              itinerary.stretch(),
              new Replayer(
                  everything.within(itinerary.window()),
                  rules(scan),
                  tally,
                  sender,
                  interruption::isRequested));
      if (finished) {
        sender.finish();
      } else {
        sender.commit();
      }
      return finished;
    } finally {
      producer.close(CLOSE_LIMIT);
    }
  }

  private ReplayRules rules(TopicScan scan) {
    return new ReplayRules(
        destination, maxReplays, Set.of(topics.deadLetters(), topics.results()), scan::exists);
  }

  private Itinerary itinerary(
      String replay, String selection, DeadLetterFilter filter, TopicScan scan, boolean stable)
      throws InterruptedException {
    return Itinerary.of(
        replay,
        selection,
        filter.window(),
        scan::from,
        restart ? Map.of() : progress(PREFIX + replay, scan.whole().end().keySet(), stable));
  }

  private Map<TopicPartition, OffsetAndMetadata> progress(
      String group, Set<TopicPartition> partitions, boolean stable) throws InterruptedException {
    Map<TopicPartition, OffsetAndMetadata> kept = new HashMap<>();
    try (Admin admin = kafka.admin()) {
      admin
          .listConsumerGroupOffsets(
              group, new ListConsumerGroupOffsetsOptions().requireStable(stable))
          .partitionsToOffsetAndMetadata()
          .get()
          .forEach((partition, offset) -> {
            if (partitions.contains(partition) && offset != null) {
              kept.put(partition, offset);
            }
          });
      return kept;
    } catch (ExecutionException e) {
      throw new KafkaException(e.getCause());
    }
  }

  private Producer<byte[], byte[]> producer(String transactionalId) {
    Map<String, Object> settings = new HashMap<>();
    // The topics decide how large a record may be (max.message.bytes), not this client.
    settings.put("max.request.size", 64 * 1024 * 1024);
    settings.put("buffer.memory", 128L * 1024 * 1024);
    settings.put("max.block.ms", 25_000L);
    settings.put("delivery.timeout.ms", 25_000);
    // Readers of the topic wait so long for what a killed run has left open.
    settings.put("transaction.timeout.ms", 30_000);
    settings.putAll(kafka.clientProperties());
    settings.put("acks", "all");
    settings.put("enable.idempotence", true);
    settings.put("transactional.id", transactionalId);
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private void checkDestination(TopicScan scan) {
    if (destination.isEmpty()) {
      return;
    }
    if (destination.equals(topics.deadLetters())) {
      throw CommandException.usage(
          "--to %s is the dead-letter topic itself".formatted(destination));
    }
    if (!scan.exists(destination)) {
      throw CommandException.failed(
          "there is no topic %s. Create it, or name another with --to.".formatted(destination));
    }
  }

  private Pace pace() {
    try {
      return new Pace(Pace.perSecond(rate), System::nanoTime);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage("--rate: " + e.getMessage(), e);
    }
  }

  /** Tells one choice of dead letters from another. */
  private String selection() {
    List<String> parts = new ArrayList<>(chosen.typed());
    parts.add("to=" + destination);
    parts.add("topic=" + topics.deadLetters());
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : parts) {
        digest.update((part.length() + ":" + part).getBytes(UTF_8));
      }
      return HexFormat.of().formatHex(digest.digest(), 0, SELECTION_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static String checked(String name) {
    if (!name.matches("[A-Za-z0-9._-]{1,100}")) {
      throw CommandException.usage(
          "--name '%s' has to be 1 to 100 letters, digits, dots, hyphens or underscores"
              .formatted(name));
    }
    return name;
  }

  private void announce(String replay, Itinerary itinerary) {
    output.progress(
        "replay %s %s: %d records of %s to look at"
            .formatted(
                replay,
                itinerary.goesOn() ? "goes on where it stopped" : "begins",
                itinerary.stretch().offsets(),
                topics.deadLetters()));
  }

  private void print(Report report) {
    if (output.json()) {
      output.json(report);
    } else {
      output.table(
          new Table(
              List.of("CODE", "ORIGIN", "TO", dryRun ? "WOULD SEND" : "SENT"),
              report.requests().stream()
                  .map(group ->
                      List.of(
                          group.code(),
                          group.origin(),
                          group.topic(),
                          Long.toString(group.count())))
                  .toList()));
    }
    for (ReplayTally.RefusalCount refusal : report.refusals()) {
      output.progress(
          "%d refused: %s (%s%s). %s"
              .formatted(
                  refusal.count(),
                  refusal.reason().description(),
                  String.join(", ", refusal.first().stream().limit(SHOWN_PLACES).toList()),
                  refusal.count() > SHOWN_PLACES ? ", …" : "",
                  refusal.reason().remedy()));
    }
    if (dryRun) {
      output.progress(
          "%d requests would be sent, %d refused. Nothing was sent: the same command without --dry-run does it."
              .formatted(report.wouldSend(), report.refused()));
    } else {
      output.progress(
          "%d requests sent, %d refused%s"
              .formatted(
                  report.sent(),
                  report.refused(),
                  report.finished() ? "" : "; stopped: the same command goes on from here"));
    }
  }

  /** Counts what would be sent. */
  private record DryRun(ReplayTally tally) implements ReplaySink {
    @Override
    public boolean send(Outgoing outgoing) {
      tally.sent(outgoing.group());
      return true;
    }

    @Override
    public void passed(TopicPartition partition, long next) {
      // Nothing is kept: a dry run leaves no trace.
    }
  }

  /**
   * The answer.
   *
   * @param finished whether all was looked at
   */
  record Report(
      String name,
      boolean dryRun,
      boolean finished,
      long wouldSend,
      long sent,
      long refused,
      List<ReplayTally.GroupCount> requests,
      List<ReplayTally.RefusalCount> refusals) {}
}
