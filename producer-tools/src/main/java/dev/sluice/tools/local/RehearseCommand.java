package dev.sluice.tools.local;

import dev.sluice.devstack.Devstack;
import dev.sluice.devstack.Devstack.Part;
import dev.sluice.devstack.KafkaSettings;
import dev.sluice.devstack.Ports;
import dev.sluice.devstack.Scratch;
import dev.sluice.tools.CommandException;
import dev.sluice.tools.ExitCode;
import dev.sluice.tools.OutputOptions;
import dev.sluice.tools.results.ResultJoin;
import dev.sluice.tools.submit.AddressSubmission;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/**
 * {@code sluice rehearse}: part of the build. A worker serves the demo's photographs once, and the
 * JVM writes down what it loaded, linked and found hot (an AOT cache, JEP 483, 514 and 515), so
 * that workers on the same class path start with that.
 */
@Command(
    name = "rehearse",
    hidden = true,
    description = "Let a worker serve a few photographs and record how it starts.")
public final class RehearseCommand implements Callable<Integer> {
  private static final Duration GAP = Duration.ofSeconds(90);
  private static final String RETRIES = "500ms";

  @Parameters(
      index = "0",
      paramLabel = "CACHE",
      description = "Where the JVM's AOT cache is written.")
  private Path cache = Path.of("worker.aot");

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "OPTION",
      description = "JVM options of the workers that will use it.")
  private List<String> jvmOptions = List.of();

  @Mixin private OutputOptions output;

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (Scratch scratch = Scratch.create("rehearsal")) {
      serve(DemoSet.builtIn(scratch.folder(), false), DemoModel.builtIn());
    }
    if (!Files.isRegularFile(cache)) {
      throw CommandException.failed("the worker has ended without writing " + cache);
    }
    return ExitCode.DONE;
  }

  private void serve(DemoSet set, DemoModel model) throws IOException, InterruptedException {
    Devstack.Options servers =
        new Devstack.Options(
            Set.of(Part.KAFKA, Part.SCHEMA_REGISTRY, Part.IMAGE_SERVER),
            1,
            KafkaSettings.Tuning.FAST_START,
            set.served(),
            Map.of());
    Stopwatch stopwatch = new Stopwatch(System::nanoTime, output::progress);
    try (LocalSystem system = LocalSystem.start(servers, 1, RETRIES, stopwatch::tell)) {
      String server = system.servers().imageServer().url();
      SequencedMap<String, URI> addresses = set.addresses(server);
      system.startWorkers(
          1,
          Ports.free(),
          Stream.concat(
                  jvmOptions.stream(), Stream.of("-XX:AOTCacheOutput=" + cache.toAbsolutePath()))
              .toList(),
          Map.of(
              "images.allow", server + "," + DemoSet.NOBODY,
              "models.repository", model.repository().toString(),
              "models.default", model.name()));
      ResultJoin join =
          AddressSubmission.run(
              system.kafkaOptions(),
              LocalSystem.topicOptions(),
              addresses,
              GAP,
              result -> {},
              output.err());
      stopwatch.tell(join.all().size() - join.missing() + " results are there");
    }
    stopwatch.tell("everything is stopped");
  }
}
