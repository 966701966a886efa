package dev.sluice.tools.submit;

import dev.sluice.tools.CommandException;
import dev.sluice.tools.Durations;
import dev.sluice.tools.ExitCode;
import dev.sluice.tools.KafkaOptions;
import dev.sluice.tools.OutputOptions;
import dev.sluice.tools.Pace;
import dev.sluice.tools.Progress;
import dev.sluice.tools.Terminal;
import dev.sluice.tools.TopicOptions;
import dev.sluice.tools.results.AvroJson;
import dev.sluice.tools.results.ResultJoin;
import dev.sluice.tools.results.ResultReader;
import dev.sluice.tools.results.ResultRows;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Status;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.RecordMetadata;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice submit}. */
@Command(
    name = "submit",
    description = {
      "Send images to be processed: files, folders, patterns, addresses, or a CSV file.",
      "Local files travel inside the request unless --as-uri or --base-url says otherwise."
    },
    footer = {
      "",
      "Every request carries the name of its image as metadata 'source', unless it has one"
          + " already.",
      "CSV: the first line names the columns. image_uri (an address, or a file relative to the CSV"
          + " file) is needed; request_id, model, model_version, image_sha256 and deadline are"
          + " known; parameters.NAME is a parameter; every other column is metadata.",
      "Exit code 1 when an input could not be used or sent and, with --wait, when a result is"
          + " missing at the timeout or is not SUCCEEDED. The others are sent all the same."
    })
public final class SubmitCommand implements Callable<Integer> {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,10})(KiB|MiB)?");

  @Parameters(
      paramLabel = "IMAGE",
      arity = "0..*",
      description =
          "A file, a folder (all images below it), a quoted pattern such as"
              + " 'photos/**/*.jpg', or an http, https, s3 or file address.")
  private List<String> images = new ArrayList<>();

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description = "Take requests from a CSV file (see below). Repeatable.")
  private List<Path> csvFiles = new ArrayList<>();

  @ArgGroup private TransportOptions transport = new TransportOptions();

  /** Ways for a local file to travel; at most one is chosen. */
  static final class TransportOptions {
    @Option(
        names = "--inline",
        description = "Send the bytes of local files inside the request (the default).")
    private boolean inline;

    @Option(
        names = "--as-uri",
        description =
            "Send file: addresses of local files; workers must share the files and allow"
                + " the folder (images.file_roots).")
    private boolean asUri;

    @Option(
        names = "--base-url",
        paramLabel = "URL",
        defaultValue = "",
        description =
            "Send the address below URL under which a server (http, https or s3) serves"
                + " the local file; see --base-dir.")
    private String baseUrl = "";
  }

  @Option(
      names = "--base-dir",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "The folder that --base-url serves (default: the current one).")
  private Path baseDir = Path.of(".");

  @Option(
      names = "--inline-limit",
      paramLabel = "SIZE",
      defaultValue = "900KiB",
      description =
          "The largest file sent inside a request (default: ${DEFAULT-VALUE}). Topic and"
              + " brokers must allow records of that size (max.message.bytes).")
  private String inlineLimit = "";

  @Option(
      names = "--model",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Model to run (default: the worker's).")
  private String model = "";

  @Option(
      names = "--model-version",
      paramLabel = "VERSION",
      defaultValue = "",
      description = "Version of the model (default: the one served).")
  private String modelVersion = "";

  @Option(
      names = "--parameter",
      paramLabel = "NAME=VALUE",
      description = "A parameter of the task, such as top_k=3. Repeatable.")
  private Map<String, String> parameters = new LinkedHashMap<>();

  @Option(
      names = "--metadata",
      paramLabel = "NAME=VALUE",
      description = "Comes back in the result. Repeatable.")
  private Map<String, String> metadata = new LinkedHashMap<>();

  @Option(
      names = "--deadline",
      paramLabel = "DURATION",
      defaultValue = "",
      description = "Answers later than this after sending are of no use, such as 30s.")
  private String deadline = "";

  @Option(
      names = "--key",
      paramLabel = "KEY",
      defaultValue = "request-id",
      description =
          "Key of the records: none, request-id, source or metadata:NAME (default:"
              + " ${DEFAULT-VALUE}). Records of one key share a partition.")
  private String key = "";

  @Option(
      names = "--id-prefix",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Goes before the UUID that makes the request id.")
  private String idPrefix = "";

  @Option(
      names = "--rate",
      paramLabel = "N/s",
      defaultValue = "",
      description = "Send at most so many requests a second (N/s), minute (N/m) or hour (N/h).")
  private String rate = "";

  @Option(names = "--wait", description = "Wait for the results and print them.")
  private boolean waitForResults;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "60s",
      converter = Durations.class,
      description = "How long to wait after the last request was sent (default: ${DEFAULT-VALUE}).")
  private Duration timeout = Duration.ZERO;

  @Mixin private KafkaOptions kafka;
  @Mixin private TopicOptions topics;
  @Mixin private OutputOptions output;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (images.isEmpty() && csvFiles.isEmpty()) {
      throw CommandException.usage(
          "nothing to submit: name files, folders, addresses, or --csv FILE");
    }
    KeyStrategy keys = usage("--key", () -> KeyStrategy.parse(key));
    Pace pace = new Pace(usage("--rate", () -> Pace.perSecond(rate)), System::nanoTime);
    long maxInline = usage("--inline-limit", () -> bytes(inlineLimit));
    if (!deadline.isEmpty()) {
      var _ = usage("--deadline", () -> Durations.parse(deadline));
    }
    RequestFactory factory =
        new RequestFactory(
            new RequestDefaults(idPrefix, model, modelVersion, deadline, parameters, metadata),
            fileTransport(maxInline),
            () -> UUID.randomUUID().toString(),
            InstantSource.system());
    Inputs inputs = Inputs.of(images, csvFiles);
    Progress progress = new Progress(output.err(), Terminal.isStderr(), System::nanoTime);
    return waitForResults
        ? sendAndWait(inputs, factory, pace, keys, maxInline, progress)
        : send(inputs, factory, pace, keys, maxInline, progress);
  }

  private int send(
      Inputs inputs,
      RequestFactory factory,
      Pace pace,
      KeyStrategy keys,
      long maxInline,
      Progress progress)
      throws IOException, InterruptedException {
    Tally tally = new Tally(progress::remark, this::tellSent);
    try (RequestSender sender = RequestSender.open(kafka, topics.requests(), keys, maxInline)) {
      new Sending(factory, pace, sender, tally, progress, request -> true).sendAll(inputs);
    }
    if (!output.json()) {
      output.text(tally.summary(topics.requests()));
    }
    return tally.isComplete() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private int sendAndWait(
      Inputs inputs,
      RequestFactory factory,
      Pace pace,
      KeyStrategy keys,
      long maxInline,
      Progress progress)
      throws IOException, InterruptedException {
    ResultJoin join = new ResultJoin();
    Tally tally = new Tally(progress::remark, (request, where) -> {});
    try (ResultReader reader = ResultReader.open(kafka, topics.results(), progress::remark);
        RequestSender sender = RequestSender.open(kafka, topics.requests(), keys, maxInline)) {
      reader.seekToEnd();
      new Sending(
              factory,
              pace,
              sender,
              tally,
              progress,
              request -> join.expect(request.getRequestId(), ResultRows.sourceOf(request)))
          .sendAll(inputs);
      tally.failedIds().forEach(join::forget);
      output.progress(tally.summary(topics.requests()));
      Waiting waiting = new Waiting(reader, join, progress, this::tellResult);
      if (!waiting.until(timeout)) {
        output.progress(
            "%d of %d results did not arrive within %s. Is a worker running? Look for them later with: sluice results"
                .formatted(
                    join.missing(),
                    join.all().size(),
                    timeout.toString().substring(2).toLowerCase(Locale.ROOT)));
      }
    }
    if (!output.json()) {
      output.table(ResultRows.table(ResultRows.of(join)));
    }
    return tally.isComplete() && allSucceeded(join) ? ExitCode.DONE : ExitCode.FAILED;
  }

  private void tellResult(InferenceResult result) {
    if (output.json()) {
      output.json(AvroJson.of(result));
    }
  }

  private static boolean allSucceeded(ResultJoin join) {
    return join.all().stream()
        .allMatch(expected ->
            expected.result().filter(result -> result.getStatus() == Status.SUCCEEDED).isPresent());
  }

  private void tellSent(InferenceRequest request, RecordMetadata where) {
    if (output.json()) {
      output.json(
          new Sent(
              request.getRequestId(),
              ResultRows.sourceOf(request),
              where.topic(),
              where.partition(),
              where.offset()));
    }
  }

  /** What {@code --json} prints for a request that the brokers have. */
  private record Sent(String requestId, String source, String topic, int partition, long offset) {}

  private FileTransport fileTransport(long maxInline) {
    if (transport.asUri) {
      return new FileTransport.FileAddress();
    }
    if (transport.inline || transport.baseUrl.isEmpty()) {
      return new FileTransport.Inline(maxInline);
    }
    if (!Files.isDirectory(baseDir)) {
      throw CommandException.usage("--base-dir " + baseDir + " is not a folder");
    }
    try {
      URI base = Addresses.parse(transport.baseUrl).uri();
      if (base.getRawQuery() != null || base.getRawFragment() != null) {
        throw CommandException.usage("--base-url must not have a query or a fragment");
      }
      return new FileTransport.BaseAddress(base, baseDir);
    } catch (InputException e) {
      throw CommandException.usage("--base-url: " + e.getMessage(), e);
    }
  }

  /** A size such as 900KiB in bytes. */
  static long bytes(String size) {
    Matcher matcher = SIZE.matcher(size);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + size + "' is not a size; write it like 900KiB or 4MiB");
    }
    long factor =
        switch (matcher.group(2)) {
          case "KiB" -> 1024;
          case "MiB" -> 1024 * 1024;
          case null, default -> 1;
        };
    return Long.parseLong(matcher.group(1)) * factor;
  }

  private static <T> T usage(String option, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(option + ": " + e.getMessage(), e);
    }
  }
}
