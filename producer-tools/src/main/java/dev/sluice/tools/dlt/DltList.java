package dev.sluice.tools.dlt;

import dev.sluice.tools.CommandException;
import dev.sluice.tools.ExitCode;
import dev.sluice.tools.KafkaOptions;
import dev.sluice.tools.OutputOptions;
import dev.sluice.tools.Progress;
import dev.sluice.tools.Table;
import dev.sluice.tools.Terminal;
import dev.sluice.tools.Text;
import dev.sluice.tools.TopicOptions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sluice dlt list}: what failed for good, and how much of it for which reason. */
@Command(
    name = "list",
    description = {
      "List the newest dead letters, oldest first, and count all of them by error code and origin,"
          + " and by hour for the newest day.",
      "Reads up to where the topic ends at the start, then stops."
    })
final class DltList implements Callable<Integer> {

  private static final int MESSAGE_WIDTH = 80;

  @Mixin private KafkaOptions kafka;
  @Mixin private TopicOptions topics;
  @Mixin private FilterOptions chosen;
  @Mixin private OutputOptions output;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description =
          "List at most so many, the newest; all of them are counted (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Option(
      names = "--summary",
      description = "Count only. With --json: one object with all the counts.")
  private boolean summaryOnly;

  @Override
  public Integer call() throws InterruptedException {
    if (limit < 1) {
      throw CommandException.usage("--limit is " + limit + ", and has to be at least 1");
    }
    Instant now = Instant.now();
    Newest newest = new Newest(limit);
    Summary summary = new Summary(now);
    DeadLetterFilter filter = chosen.filter(now);
    try (RequestDecoder decoder = new RequestDecoder(kafka.registry(), kafka.registryProperties());
        TopicScan scan =
            TopicScan.open(
                kafka.clientProperties(),
                topics.deadLetters(),
                new Progress(output.err(), Terminal.isStderr(), System::nanoTime),
                System::nanoTime)) {
      Selection selection = new Selection(filter, decoder, topics.requests());
      Selection.Visitor note =
          (letter, payload) -> {
            summary.add(letter, payload);
            newest.add(Line.of(letter, payload));
            return true;
          };
      boolean _ = scan.forEach(scan.from(filter.window()), record -> selection.offer(record, note));
      selection.tellOfAbsentRegistry(output);
    }
    print(newest.oldestFirst(), summary.report());
    return ExitCode.DONE;
  }

  private void print(List<Line> lines, Summary.Report summary) {
    if (summaryOnly) {
      if (output.json()) {
        output.json(summary);
      } else {
        print(summary);
      }
      output.progress("%d dead letters".formatted(summary.deadLetters()));
      return;
    }
    if (output.json()) {
      lines.forEach(output::json);
    } else {
      output.table(
          new Table(
              List.of("PARTITION", "OFFSET", "TIME", "CODE", "ORIGINAL", "REQUEST ID", "MESSAGE"),
              lines.stream().map(Line::cells).toList()));
      output.text("");
      print(summary);
    }
    output.progress("%d of %d dead letters listed".formatted(lines.size(), summary.deadLetters()));
  }

  private void print(Summary.Report summary) {
    output.table(
        new Table(
            List.of("CODE", "ORIGIN", "COUNT"),
            summary.byCodeAndOrigin().stream()
                .map(group -> List.of(group.code(), group.origin(), Long.toString(group.count())))
                .toList()));
    if (!summary.newestDay().isEmpty()) {
      output.text("");
      output.table(
          new Table(
              List.of("HOUR", "COUNT"),
              summary.newestDay().stream()
                  .map(hour -> List.of(hour.hour().toString(), Long.toString(hour.count())))
                  .toList()));
    }
  }

  /** One line of the answer. */
  record Line(
      int partition,
      long offset,
      Instant time,
      String code,
      String original,
      String attempts,
      String requestId,
      String origin,
      String message) {

    static Line of(DeadLetter letter, Payload payload) {
      return new Line(
          letter.partition(),
          letter.offset(),
          letter.time(),
          letter.code(),
          letter.original(),
          letter.attempts(),
          payload.requestId(),
          payload.origin(),
          letter.message());
    }

    List<String> cells() {
      return List.of(
          Integer.toString(partition),
          Long.toString(offset),
          time.toString(),
          code,
          original,
          requestId,
          Text.shortened(Text.oneLine(message), MESSAGE_WIDTH));
    }
  }
}
