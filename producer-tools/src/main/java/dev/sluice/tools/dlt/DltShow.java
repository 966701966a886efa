package dev.sluice.tools.dlt;

import dev.sluice.tools.CommandException;
import dev.sluice.tools.ExitCode;
import dev.sluice.tools.KafkaOptions;
import dev.sluice.tools.OutputOptions;
import dev.sluice.tools.Progress;
import dev.sluice.tools.Table;
import dev.sluice.tools.Terminal;
import dev.sluice.tools.TopicOptions;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice dlt show}: one dead letter, whole. */
@Command(
    name = "show",
    description = {
      "Show one dead letter: its headers and, where they can be read, the fields of its request."
    })
final class DltShow implements Callable<Integer> {

  @Mixin private KafkaOptions kafka;
  @Mixin private TopicOptions topics;
  @Mixin private OutputOptions output;

  @ArgGroup(multiplicity = "1")
  private Which which = new Which();

  @Option(
      names = "--payload",
      paramLabel = "FILE",
      defaultValue = "",
      description = "Write the original record's bytes into this new file.")
  private String payloadFile;

  /** Which one to show: exactly one way to say it. */
  static final class Which {

    @ArgGroup(exclusive = false)
    private Place place = new Place();

    @Option(
        names = "--id",
        paramLabel = "REQUEST_ID",
        description = "Show the newest dead letter of this request.")
    private String requestId = "";
  }

  /** A place in the dead-letter topic. */
  static final class Place {

    @Parameters(
        index = "0",
        paramLabel = "PARTITION",
        description = "Partition of the dead-letter topic.")
    private int partition;

    @Parameters(index = "1", paramLabel = "OFFSET", description = "Offset in that partition.")
    private long offset;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (RequestDecoder decoder = new RequestDecoder(kafka.registry(), kafka.registryProperties());
        TopicScan scan =
            TopicScan.open(
                kafka.clientProperties(),
                topics.deadLetters(),
                new Progress(output.err(), Terminal.isStderr(), System::nanoTime),
                System::nanoTime)) {
      DeadLetter letter =
          which.requestId.isEmpty() ? at(scan, which.place) : of(scan, decoder, which.requestId);
      if (!payloadFile.isEmpty()) {
        save(letter.payload(), Path.of(payloadFile));
      }
      print(letter, decoder.decode(topics.requests(), letter.payload()));
    }
    return ExitCode.DONE;
  }

  private DeadLetter at(TopicScan scan, Place place) throws InterruptedException {
    return scan.at(place.partition, place.offset)
        .map(DeadLetter::new)
        .orElseThrow(() ->
            CommandException.failed(
                "partition %d of %s holds no record at offset %d. See what is there with: sluice dlt list"
                    .formatted(place.partition, topics.deadLetters(), place.offset)));
  }

  private DeadLetter of(TopicScan scan, RequestDecoder decoder, String requestId)
      throws InterruptedException {
    List<DeadLetter> newest = new ArrayList<>(1);
    boolean _ =
        scan.forEach(
            scan.whole(),
            record -> {
              DeadLetter letter = new DeadLetter(record);
              if (decoder.decode(topics.requests(), letter.payload()).requestId().equals(requestId)
                  && (newest.isEmpty() || !letter.time().isBefore(newest.getFirst().time()))) {
                newest.clear();
                newest.add(letter);
              }
              return true;
            });
    if (!newest.isEmpty()) {
      return newest.getFirst();
    }
    if (!decoder.registryAbsent().isEmpty()) {
      throw CommandException.failed(
          "request ids cannot be read: %s. Check --schema-registry, or show it by PARTITION and OFFSET."
              .formatted(decoder.registryAbsent()));
    }
    throw CommandException.failed(
        "%s holds no dead letter of request %s. See what is there with: sluice dlt list"
            .formatted(topics.deadLetters(), requestId));
  }

  private void save(byte[] payload, Path file) {
    try {
      Files.write(file, payload, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      throw CommandException.usage("%s exists already. Name a new file.".formatted(file), e);
    } catch (IOException e) {
      throw CommandException.failed("%s cannot be written (%s)".formatted(file, e), e);
    }
    output.progress("%d bytes written to %s".formatted(payload.length, file));
  }

  private void print(DeadLetter letter, Payload payload) {
    Document document = Document.of(topics.deadLetters(), letter, payload);
    if (output.json()) {
      output.json(document);
      return;
    }
    output.table(
        new Table(
            List.of("RECORD", ""),
            List.of(
                List.of("topic", document.topic()),
                List.of("partition", Integer.toString(document.partition())),
                List.of("offset", Long.toString(document.offset())),
                List.of("time", document.time().toString()),
                List.of("key", document.key()),
                List.of("bytes", Integer.toString(document.bytes())))));
    output.text("");
    output.table(new Table(List.of("HEADER", ""), rows(document.headers())));
    output.text("");
    if (document.unreadable().isEmpty()) {
      output.table(new Table(List.of("REQUEST", ""), rows(document.request())));
    } else {
      output.text("The request cannot be read: " + document.unreadable());
    }
  }

  private static List<List<String>> rows(Map<String, ?> pairs) {
    return pairs.entrySet().stream()
        .map(pair -> List.of(pair.getKey(), String.valueOf(pair.getValue())))
        .toList();
  }

  /**
   * The answer.
   *
   * @param request the request's fields, none if it cannot be read
   * @param unreadable why it cannot be read, empty if it can
   */
  record Document(
      String topic,
      int partition,
      long offset,
      Instant time,
      String key,
      int bytes,
      Map<String, String> headers,
      Map<String, Object> request,
      String unreadable) {

    static Document of(String topic, DeadLetter letter, Payload payload) {
      return new Document(
          topic,
          letter.partition(),
          letter.offset(),
          letter.time(),
          letter.key(),
          letter.payload().length,
          letter.headers(),
          payload instanceof Payload.Request request ? request.fields() : Map.of(),
          payload instanceof Payload.Unreadable unreadable ? unreadable.reason() : "");
    }
  }
}
