package dev.sluice.tools.local;

import dev.sluice.devstack.Devstack;
import dev.sluice.devstack.Devstack.Part;
import dev.sluice.devstack.KafkaSettings;
import dev.sluice.devstack.Ports;
import dev.sluice.devstack.Scratch;
import dev.sluice.devstack.ServerException;
import dev.sluice.tools.CommandException;
import dev.sluice.tools.ExitCode;
import dev.sluice.tools.OutputOptions;
import dev.sluice.tools.picture.Photograph;
import dev.sluice.tools.report.ReportEntry;
import dev.sluice.tools.report.ReportPage;
import dev.sluice.tools.results.AvroJson;
import dev.sluice.tools.results.ResultJoin;
import dev.sluice.tools.results.ResultRows;
import dev.sluice.tools.submit.AddressSubmission;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Status;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sluice demo}. */
@Command(
    name = "demo",
    description = {
      "See Sluice work: photographs through a real Kafka, a worker and a real model.",
      "Starts everything it needs on free ports of this machine, sends photographs, a broken file"
          + " and an address where nobody answers, prints what was read and where the time went,"
          + " writes an HTML page with the photographs, and stops everything again."
    },
    footer = {
      "",
      "Exit code 1 when something does not start, a result does not come, or one of the demo's own"
          + " images is not answered as it should be (broken.jpg and unreachable.jpg should fail)."
    })
public final class DemoCommand implements Callable<Integer> {
  /** As long as the slowest model we know takes for one image on a slow machine, and then some. */
  private static final Duration GAP = Duration.ofSeconds(90);

  /** Pictures in the report; each takes some 150 KB, and more of them nobody looks at. */
  private static final int MAX_PICTURES = 200;

  /** One short step, so that what cannot be fetched is given up while somebody looks on. */
  private static final String RETRIES = "500ms";

  private static final int PARTITIONS = 4;

  /** Up soon: the work is in native code, which these do not concern. */
  private static final List<String> JVM_OPTIONS =
      List.of("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description = "Send the images below this folder instead of the demo's own.")
  private List<Path> images = List.of();

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "Run this ONNX model instead of the demo's own (PP-OCR, which reads text).")
  private List<Path> models = List.of();

  @Option(
      names = "--task",
      paramLabel = "TASK",
      defaultValue = "",
      description =
          "What --model does: classification, detection, embedding or tensors (default:"
              + " what its metadata says).")
  private String task = "";

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "demo-report.html",
      description = "Where to write the HTML page (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of("demo-report.html");

  @Option(names = "--keep", description = "Afterwards leave everything running until Ctrl-C.")
  private boolean keep;

  @Mixin private OutputOptions output;

  @Override
  public Integer call() throws IOException, InterruptedException {
    checkOptions();
    Stopwatch stopwatch = new Stopwatch(System::nanoTime, output::progress);
    StopSwitch stop = StopSwitch.install(ExitCode.FAILED, stopwatch::tell);
    try (Scratch scratch = Scratch.create("demo")) {
      DemoModel model =
          models.isEmpty()
              ? DemoModel.builtIn()
              : DemoModel.of(models.getLast(), task, scratch.folder());
      DemoSet set =
          images.isEmpty()
              ? DemoSet.builtIn(scratch.folder(), !models.isEmpty())
              : DemoSet.of(images.getLast(), scratch.folder());
      return run(set, model, stopwatch, stop);
    } catch (RuntimeException e) {
      if (stop.endsAtOnce()) {
        return ExitCode.FAILED;
      }
      if (e instanceof ServerException) {
        // Holds the end of a log: one line would not do.
        String.valueOf(e.getMessage()).lines().forEach(output::progress);
        return ExitCode.FAILED;
      }
      throw e;
    } finally {
      if (!stop.endsAtOnce()) {
        stopwatch.tell("everything is stopped");
      }
    }
  }

  private void checkOptions() {
    if (!task.isEmpty() && models.isEmpty()) {
      throw CommandException.usage("--task says what --model does; there is no --model");
    }
    for (Path folder : images) {
      if (!Files.isDirectory(folder)) {
        throw CommandException.usage("--images " + folder + " is not a folder");
      }
    }
    Path parent = out.toAbsolutePath().getParent();
    if (parent == null || !Files.isWritable(parent) || Files.isDirectory(out)) {
      throw CommandException.usage("--out " + out + " is not a place where a file can be written");
    }
  }

  private int run(DemoSet set, DemoModel model, Stopwatch stopwatch, StopSwitch stop)
      throws IOException, InterruptedException {
    Devstack.Options servers =
        new Devstack.Options(
            Set.of(Part.KAFKA, Part.SCHEMA_REGISTRY, Part.IMAGE_SERVER),
            1,
            KafkaSettings.Tuning.FAST_START,
            set.served(),
            Map.of());
    try (LocalSystem system = LocalSystem.start(servers, PARTITIONS, RETRIES, stopwatch::tell)) {
      String server = system.servers().imageServer().url();
      SequencedMap<String, URI> addresses = set.addresses(server);
      system.startWorkers(
          1,
          Ports.free(),
          JVM_OPTIONS,
          Map.of(
              "images.allow", server + "," + DemoSet.NOBODY,
              "models.repository", model.repository().toString(),
              "models.default", model.name()));
      stopwatch.tell("sending " + addresses.size() + " requests");
      Duration before = stopwatch.elapsed();
      ResultJoin join =
          AddressSubmission.run(
              system.kafkaOptions(),
              LocalSystem.topicOptions(),
              addresses,
              GAP,
              this::tell,
              output.err());
      Duration took = stopwatch.elapsed().minus(before);
      stopwatch.tell(join.all().size() - join.missing() + " results are there");
      finish(set, join, took);
      if (keep) {
        stopwatch.tell(
            "everything stays up until Ctrl-C; the status page: "
                + system.workers().getFirst().url());
        stop.keep();
        if (!system.awaitStop(stop, output::progress)) {
          return ExitCode.FAILED;
        }
      }
      stopwatch.tell("stopping");
      return isAsExpected(join) ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  private void tell(InferenceResult result) {
    if (output.json()) {
      output.json(AvroJson.of(result));
    }
  }

  private void finish(DemoSet set, ResultJoin join, Duration took)
      throws IOException, InterruptedException {
    Files.writeString(out, page(set, join, took));
    if (output.json()) {
      output.progress("The photographs with what was found: " + out.toAbsolutePath().toUri());
      return;
    }
    output.table(ResultRows.table(ResultRows.of(join)));
    output.text("");
    output.text("Times are milliseconds. broken.jpg and unreachable.jpg are there to fail.");
    output.text("The photographs with what was found: " + out.toAbsolutePath().toUri());
  }

  private static String page(DemoSet set, ResultJoin join, Duration took) {
    List<ReportEntry> entries = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (ResultJoin.Expected expected : join.all()) {
      expected
          .result()
          .ifPresentOrElse(
              result ->
                  entries.add(
                      new ReportEntry(
                          expected.name(),
                          result,
                          picture(set, expected.name(), result, entries.size()))),
              () -> missing.add(expected.name()));
    }
    return ReportPage.render("Sluice demo", Instant.now(), took, entries, missing);
  }

  private static ReportEntry.Picture picture(
      DemoSet set, String name, InferenceResult result, int before) {
    if (result.getStatus() != Status.SUCCEEDED) {
      return new ReportEntry.Picture.Absent("there is no result to show");
    }
    if (before >= MAX_PICTURES) {
      return new ReportEntry.Picture.Absent("only the first " + MAX_PICTURES + " are in this page");
    }
    try {
      byte[] encoded = Files.readAllBytes(set.photographs().resolve(name));
      return new ReportEntry.Picture.Shown(Photograph.read(encoded, ReportPage.PICTURE_SIDE));
    } catch (IOException e) {
      return new ReportEntry.Picture.Absent(String.valueOf(e.getMessage()));
    }
  }

  /** The user's own photographs may fail; the demo's may not, and its failures must. */
  private boolean isAsExpected(ResultJoin join) {
    boolean asExpected = join.missing() == 0;
    for (ResultJoin.Expected expected : join.all()) {
      if (expected.result().isEmpty()) {
        output.progress(expected.name() + ": no result came");
        continue;
      }
      InferenceResult result = expected.result().get();
      String code = result.getError() == null ? "" : result.getError().getCode();
      String wanted = DemoSet.EXPECTED_ERRORS.getOrDefault(expected.name(), "");
      boolean own = images.isEmpty() && models.isEmpty();
      if (!code.equals(wanted) && (own || !wanted.isEmpty())) {
        output.progress(
            "%s: this should have been %s, and was %s"
                .formatted(
                    expected.name(),
                    wanted.isEmpty() ? "SUCCEEDED" : wanted,
                    code.isEmpty() ? "SUCCEEDED" : code));
        asExpected = false;
      }
    }
    return asExpected;
  }
}
