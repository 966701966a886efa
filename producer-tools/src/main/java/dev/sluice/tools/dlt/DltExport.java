package dev.sluice.tools.dlt;

import dev.sluice.tools.CommandException;
import dev.sluice.tools.ExitCode;
import dev.sluice.tools.KafkaOptions;
import dev.sluice.tools.OutputOptions;
import dev.sluice.tools.Progress;
import dev.sluice.tools.Terminal;
import dev.sluice.tools.TopicOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code sluice dlt export}: dead letters as files. */
@Command(
    name = "export",
    description = {
      "Write dead letters into a folder: the original bytes (.bin), the image if it is inside the"
          + " request, and a line in "
          + ExportIndex.NAME
          + " with all headers and the decoded request.",
      "Reads up to where the topic ends at the start. Given again for the same folder it writes"
          + " what is missing; it overwrites nothing."
    })
final class DltExport implements Callable<Integer> {

  @Mixin private KafkaOptions kafka;
  @Mixin private TopicOptions topics;
  @Mixin private FilterOptions chosen;
  @Mixin private OutputOptions output;

  @Parameters(index = "0", paramLabel = "DIR", description = "The folder, made if it is missing.")
  private Path folder = Path.of("");

  @Override
  public Integer call() throws InterruptedException {
    DeadLetterFilter filter = chosen.filter(Instant.now());
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw CommandException.usage("the folder %s cannot be made (%s)".formatted(folder, e), e);
    }
    try (RequestDecoder decoder = new RequestDecoder(kafka.registry(), kafka.registryProperties());
        TopicScan scan =
            TopicScan.open(
                kafka.clientProperties(),
                topics.deadLetters(),
                new Progress(output.err(), Terminal.isStderr(), System::nanoTime),
                System::nanoTime);
        ExportIndex index = ExportIndex.open(folder, topics.deadLetters())) {
      Export export = new Export(folder, index);
      Selection selection = new Selection(filter, decoder, topics.requests());
      boolean _ =
          scan.forEach(
              scan.from(filter.window()),
              record ->
                  selection.offer(record, (letter, payload) -> write(export, letter, payload)));
      selection.tellOfAbsentRegistry(output);
      Report report = new Report(folder.toString(), export.written(), export.there());
      if (output.json()) {
        output.json(report);
      }
      output.progress(
          "%d dead letters written to %s, %d were there already"
              .formatted(report.written(), folder, report.there()));
      return ExitCode.DONE;
    } catch (IOException | UncheckedIOException e) {
      throw CommandException.failed(
          "%s cannot be written (%s). What its %s lists is whole; the same command goes on."
              .formatted(folder, e, ExportIndex.NAME),
          e);
    }
  }

  private static boolean write(Export export, DeadLetter letter, Payload payload) {
    try {
      export.write(letter, payload);
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The answer. */
  record Report(String folder, long written, long there) {}
}
