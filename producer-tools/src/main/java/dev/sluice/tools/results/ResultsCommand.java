package dev.sluice.tools.results;

import dev.sluice.tools.CommandException;
import dev.sluice.tools.ExitCode;
import dev.sluice.tools.KafkaOptions;
import dev.sluice.tools.Moments;
import dev.sluice.tools.OutputOptions;
import dev.sluice.tools.TopicOptions;
import dev.sluice.tools.picture.Annotator;
import dev.sluice.tools.picture.Originals;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sluice results}. */
@Command(
    name = "results",
    description = {
      "Show results: those that are there, or with --follow those that come.",
      "Reads the topic without joining a group and commits nothing."
    },
    footer = {
      "",
      "Exit code 1 when a result asked for by --id is not there, or a photograph asked for by"
          + " --annotate cannot be drawn."
    })
public final class ResultsCommand implements Callable<Integer> {
  private static final Duration POLL = Duration.ofMillis(250);

  @Option(names = "--follow", description = "Go on with what arrives, until interrupted.")
  private boolean follow;

  @Option(
      names = "--status",
      paramLabel = "STATUS",
      split = ",",
      description = "Only these: ${COMPLETION-CANDIDATES}. Repeatable.")
  private Set<Status> statuses = new HashSet<>();

  @Option(
      names = "--model",
      paramLabel = "NAME",
      split = ",",
      description = "Only results of this model. Repeatable.")
  private Set<String> models = new HashSet<>();

  @Option(
      names = "--id",
      paramLabel = "REQUEST_ID",
      description = "Only the result of this request. Repeatable.")
  private Set<String> ids = new HashSet<>();

  @Option(
      names = "--since",
      paramLabel = "TIME",
      defaultValue = "",
      description =
          "Begin with results from this long ago (10m, 2h) or from this instant"
              + " (2026-11-20T12:00:00Z). Without it: from the beginning; with --follow from now.")
  private String since = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "0",
      description = "Stop after so many results (default: no limit).")
  private long limit;

  @Option(
      names = "--annotate",
      paramLabel = "DIR",
      defaultValue = "",
      description = "Draw what was found onto the photographs and write them to this folder.")
  private String annotate = "";

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description =
          "Where the photographs are, for --annotate. Repeatable. Without it their names"
              + " are taken as files of this machine.")
  private List<Path> imageFolders = new ArrayList<>();

  @Option(
      names = "--fetch",
      description =
          "Fetch photographs with http(s) addresses, for --annotate. The addresses come"
              + " from whoever sent the requests.")
  private boolean fetch;

  @Mixin private KafkaOptions kafka;
  @Mixin private TopicOptions topics;
  @Mixin private OutputOptions output;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (limit < 0) {
      throw CommandException.usage("--limit must not be negative");
    }
    ResultPrinter printer =
        output.json()
            ? new ResultPrinter.Json(output)
            : follow ? new ResultPrinter.Lines(output) : new ResultPrinter.Pages(output);
    Outcome outcome = new Outcome(new HashSet<>(ids));
    try (ResultReader reader = ResultReader.open(kafka, topics.results(), output::progress)) {
      seek(reader);
      read(reader, drawing(outcome, printer), outcome);
    }
    printer.close();
    outcome.wanted.forEach(id -> output.progress("there is no result of request " + id));
    return outcome.wanted.isEmpty() && outcome.notDrawn == 0 ? ExitCode.DONE : ExitCode.FAILED;
  }

  /** What has been achieved so far; used by the command's thread. */
  private static final class Outcome {
    private final Set<String> wanted;
    private long shown;
    private long notDrawn;

    Outcome(Set<String> wanted) {
      this.wanted = wanted;
    }
  }

  /** Does something with one result. */
  private interface Action {
    void accept(ResultEvent event) throws IOException, InterruptedException;
  }

  private void seek(ResultReader reader) {
    if (!since.isEmpty()) {
      reader.seekTo(instant(since));
    } else if (follow) {
      reader.seekToEnd();
    }
  }

  private void read(ResultReader reader, Action action, Outcome outcome)
      throws IOException, InterruptedException {
    ResultFilter filter = new ResultFilter(statuses, models, ids);
    Map<TopicPartition, Long> ends = reader.ends();
    while (follow || !reader.isPast(ends)) {
      for (ResultEvent event : reader.poll(POLL)) {
        boolean late =
            !follow
                && event.offset()
                    >= ends.getOrDefault(
                        new TopicPartition(topics.results(), event.partition()), 0L);
        if (late || !filter.test(event.result())) {
          continue;
        }
        action.accept(event);
        outcome.wanted.remove(event.result().getRequestId());
        outcome.shown++;
        if (limit > 0 && outcome.shown == limit) {
          return;
        }
      }
    }
  }

  private Action drawing(Outcome outcome, ResultPrinter printer) throws IOException {
    if (annotate.isEmpty()) {
      return printer::print;
    }
    Path folder = Files.createDirectories(Path.of(annotate));
    Annotator annotator = Annotator.create();
    if (!annotator.hasLettering()) {
      output.progress(
          "this machine has no fonts, so outlines are drawn without lettering; install fontconfig"
              + " and a font such as fonts-dejavu-core");
    }
    AnnotatedFiles files = new AnnotatedFiles(folder, Originals.in(imageFolders, fetch), annotator);
    return event -> {
      printer.print(event);
      InferenceResult result = event.result();
      if (result.getStatus() != Status.SUCCEEDED) {
        return;
      }
      try {
        output.progress("drew " + files.write(result));
      } catch (IOException e) {
        outcome.notDrawn++;
        output.progress("not drawn: " + result.getRequestId() + ": " + e.getMessage());
      }
    };
  }

  private static Instant instant(String since) {
    try {
      return Moments.parse(since, Instant.now());
    } catch (IllegalArgumentException e) {
      throw CommandException.usage("--since: " + e.getMessage(), e);
    }
  }
}
