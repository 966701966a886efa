package dev.sluice.tools.dlt;

import dev.sluice.tools.CommandException;
import dev.sluice.tools.ExitCode;
import dev.sluice.tools.KafkaOptions;
import dev.sluice.tools.OutputOptions;
import dev.sluice.tools.Table;
import dev.sluice.tools.Text;
import dev.sluice.tools.TopicOptions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sluice dlt list}: what failed for good, and how much of it for which reason. */
@Command(
    name = "list",
    description = {
      "List the newest dead letters, oldest first, and count all of them by error code.",
      "Reads up to where the topic ends at the start, then stops."
    })
final class DltList implements Callable<Integer> {

  private static final int MESSAGE_WIDTH = 80;

  @Mixin private KafkaOptions kafka;
  @Mixin private TopicOptions topics;
  @Mixin private OutputOptions output;

  @Option(
      names = "--code",
      paramLabel = "CODE",
      split = ",",
      description = "Only those with this error code, such as IMAGE_NOT_FOUND. Repeatable.")
  private List<String> codes = List.of();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description =
          "List at most so many, the newest; all of them are counted (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Override
  public Integer call() {
    if (limit < 1) {
      throw CommandException.usage("--limit is " + limit + ", and has to be at least 1");
    }
    Newest newest = new Newest(limit);
    Map<String, Long> counts = new TreeMap<>();
    try (RequestDecoder decoder = new RequestDecoder(kafka.registry(), kafka.registryProperties());
        TopicScan scan =
            new TopicScan(kafka.clientProperties(), topics.deadLetters(), System::nanoTime)) {
      scan.forEach(record -> note(new DeadLetter(record), decoder, newest, counts));
      if (!decoder.registryAbsent().isEmpty()) {
        output.progress("Request ids are missing: " + decoder.registryAbsent());
      }
    }
    print(newest.oldestFirst(), counts);
    return ExitCode.DONE;
  }

  private void note(
      DeadLetter letter, RequestDecoder decoder, Newest newest, Map<String, Long> counts) {
    if (codes.isEmpty() || codes.contains(letter.code())) {
      counts.merge(letter.code(), 1L, Long::sum);
      newest.add(Line.of(letter, decoder.decode(topics.requests(), letter.payload())));
    }
  }

  private void print(List<Line> lines, Map<String, Long> counts) {
    long total = counts.values().stream().mapToLong(Long::longValue).sum();
    if (output.json()) {
      lines.forEach(output::json);
    } else {
      output.table(
          new Table(
              List.of("PARTITION", "OFFSET", "TIME", "CODE", "ORIGINAL", "REQUEST ID", "MESSAGE"),
              lines.stream().map(Line::cells).toList()));
      output.text("");
      output.table(
          new Table(
              List.of("CODE", "COUNT"),
              counts.entrySet().stream()
                  .map(entry -> List.of(entry.getKey(), entry.getValue().toString()))
                  .toList()));
    }
    output.progress("%d of %d dead letters listed".formatted(lines.size(), total));
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
