package dev.sluice.tools.bench;

import dev.sluice.tools.CommandException;
import dev.sluice.tools.Durations;
import dev.sluice.tools.ExitCode;
import dev.sluice.tools.OutputOptions;
import dev.sluice.tools.local.Stopwatch;
import dev.sluice.tools.local.WorkerProcess;
import dev.sluice.v1.InferenceRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code sluice rehearse}: part of the build. A worker serves photographs for a while, and the JVM
 * writes down what it loaded, linked and found hot (an AOT cache, JEP 483, 514 and 515), so that
 * workers on the same class path start with that: their classes are there at once, and the JVM need
 * not find out anew which methods to compile and how.
 */
@Command(
    name = "rehearse",
    hidden = true,
    description = "Let a worker serve photographs for a while and record how it starts.")
public final class RehearseCommand implements Callable<Integer> {
  /** Thousands of images: what is called once for each must be hot, too. */
  private static final String LONG_ENOUGH = "30s";

  /** Writing the cache takes some seconds of both cores. */
  private static final Duration WRITING = Duration.ofMinutes(3);

  private static final int INLINE_BYTES = 900;

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

  @Option(
      names = "--duration",
      paramLabel = "DURATION",
      defaultValue = LONG_ENOUGH,
      converter = Durations.class,
      description = "For how long it serves (default: ${DEFAULT-VALUE}).")
  private Duration duration = Duration.ZERO;

  @Mixin private OutputOptions output;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Files.deleteIfExists(cache);
    Stopwatch stopwatch = new Stopwatch(System::nanoTime, output::progress);
    BenchSettings settings =
        new BenchSettings(
            1,
            duration,
            duration,
            1,
            4,
            Optional.empty(),
            Optional.empty(),
            OptionalDouble.empty(),
            Map.of(),
            jvmOptions,
            0);
    List<String> recording =
        Stream.concat(
                jvmOptions.stream(), Stream.of("-XX:AOTCacheOutput=" + cache.toAbsolutePath()))
            .toList();
    try (Bench bench = Bench.start(settings, recording, stopwatch::tell)) {
      serve(bench);
    }
    if (!Files.isRegularFile(cache)) {
      throw CommandException.failed("the worker has ended without writing " + cache);
    }
    return ExitCode.DONE;
  }

  private void serve(Bench bench) throws IOException, InterruptedException {
    BenchModel text = BenchModel.demo();
    BenchModel classifier = BenchModel.classifier();
    List<String> addresses =
        bench.images(Photographs.Kind.VGA).stream().map(bench::address).toList();
    List<Consumer<InferenceRequest.Builder>> mixed = new ArrayList<>();
    addresses.forEach(address -> mixed.add(asking(classifier, Requests.at(address))));
    mixed.add(asking(classifier, Requests.inline(Photographs.small(INLINE_BYTES))));
    try (Deployment deployment =
            bench.prepare(
                "rehearsal",
                List.of(text, classifier),
                4,
                Map.of("models.default", classifier.name()));
        Requests reading =
            deployment.singleRequests(List.of(asking(text, Requests.at(addresses.getFirst()))));
        Requests missing =
            deployment.singleRequests(
                List.of(asking(classifier, Requests.at(addresses.getFirst() + ".missing"))));
        Requests classifying = deployment.requests(mixed);
        ResultsMeter results = deployment.results()) {
      deployment.start(1);
      WorkerProcess worker = deployment.workers().getFirst();
      long before = results.count();
      reading.burst(4);
      missing.burst(4);
      ResultsMeter.Reading _ = results.await(before + 8);
      double _ = Capacity.warmUp(classifying, results, duration);
      bench.tell("the worker has answered %d requests".formatted(results.count() - before));
      int exitCode = worker.terminate(WRITING);
      if (exitCode != ExitCode.DONE) {
        throw CommandException.failed(
            "the worker ended with exit code %d:%n%s".formatted(exitCode, worker.logTail()));
      }
    }
  }

  private static Consumer<InferenceRequest.Builder> asking(
      BenchModel model, Consumer<InferenceRequest.Builder> image) {
    return request -> {
      request.setModel(model.name());
      image.accept(request);
    };
  }
}
