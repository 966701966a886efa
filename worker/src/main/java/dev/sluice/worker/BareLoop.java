package dev.sluice.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.worker.config.ConfigurationException;
import dev.sluice.worker.config.ConfigurationLoader;
import dev.sluice.worker.config.ConfigurationSources;
import dev.sluice.worker.config.WorkerConfiguration;
import dev.sluice.worker.image.ImageDecoder;
import dev.sluice.worker.image.ImageFetcher;
import dev.sluice.worker.inference.ModelRepository;
import dev.sluice.worker.inference.ServedModel;
import dev.sluice.worker.model.ModelSelector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What the hardware gives: the worker's own decoding and its own lanes, wired from the worker's own
 * configuration and driven flat out, with no Kafka, no registry and nobody who waits. {@code sluice
 * bench} runs it in a process of its own and compares.
 *
 * <p>As many platform threads as the worker would use each decode a batch and run it, on a lane of
 * their own where there are enough; no queue and no hand-over between threads. Images come from
 * memory, or, with {@code --fetch}, through the worker's own fetcher.
 */
@Command(name = "bare-loop", sortOptions = false, usageHelpAutoWidth = true)
public final class BareLoop implements Callable<Integer> {
  private static final int DONE = 0;
  private static final int MISCONFIGURED = 2;

  @Spec private CommandSpec command;

  @Option(names = "--config", paramLabel = "FILE", description = "As of the worker.")
  private List<Path> files = List.of();

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "As of the worker.")
  private List<String> overrides = List.of();

  @Option(names = "--images", paramLabel = "DIR", description = "Its files are held in memory.")
  private List<Path> images = List.of();

  @Option(names = "--fetch", paramLabel = "URL", description = "Fetched again for each turn.")
  private List<String> addresses = List.of();

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "0: as many as the model has lanes or the worker decoding threads.")
  private int threads;

  @Option(names = "--batch", paramLabel = "N", defaultValue = "1")
  private int batch;

  @Option(names = "--stages", paramLabel = "STAGES", defaultValue = "ALL")
  private BareThread.Stages stages = BareThread.Stages.ALL;

  @Option(names = "--warm-up-millis", paramLabel = "N", defaultValue = "3000")
  private long warmUpMillis;

  @Option(names = "--millis", paramLabel = "N", defaultValue = "10000")
  private long millis;

  @Option(
      names = "--pause-millis",
      paramLabel = "N",
      defaultValue = "0",
      description = "Rest between two turns, so that single requests meet an idle machine.")
  private long pauseMillis;

  @Option(
      names = "--listen",
      paramLabel = "PORT",
      description =
          "Work when told to, until killed: POST a number of milliseconds to this port of the"
              + " loopback address.")
  private List<Integer> ports = List.of();

  /** Runs the loop, prints its report as one line of JSON and ends; or listens. */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new BareLoop())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException, ExecutionException {
    try {
      WorkerConfiguration configuration =
          ConfigurationLoader.load(
              new ConfigurationSources(files, Map.of(), overrides, "bare-loop"));
      run(configuration);
      return DONE;
    } catch (ConfigurationException e) {
      command.commandLine().getErr().println(e.getMessage());
      return MISCONFIGURED;
    }
  }

  private void run(WorkerConfiguration configuration)
      throws IOException, InterruptedException, ExecutionException {
    InstantSource clock = InstantSource.system();
    try (ModelRepository models =
            ModelRepository.open(
                configuration.models().repository(),
                StageSettings.repository(configuration.models()));
        ImageDecoder decoder =
            new ImageDecoder(StageSettings.decode(configuration.images()), clock);
        ImageFetcher fetcher =
            new ImageFetcher(
                StageSettings.fetch(configuration.images(), models.all()),
                StageSettings.imageBytes(configuration.inFlight()),
                clock)) {
      ServedModel model =
          models.find(
              new ModelSelector(
                  DefaultModels.nameOf(configuration.models().defaultModel(), models),
                  new ModelSelector.Version.Serving()));
      BareThread.Source source =
          addresses.isEmpty()
              ? new BareThread.Source.Memory(encoded())
              : new BareThread.Source.Fetched(fetcher, addresses);
      int count =
          threads > 0
              ? threads
              : Math.max(model.lanes().size(), configuration.images().decodeThreads());
      List<BareThread> all = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        all.add(
            new BareThread(
                model,
                model.lanes().get(i % model.lanes().size()),
                decoder,
                source,
                stages,
                batch,
                Duration.ofMillis(pauseMillis),
                i));
      }
      if (ports.isEmpty()) {
        BareReport _ = turn(all, Duration.ofMillis(warmUpMillis));
        System.out.println(json(turn(all, Duration.ofMillis(millis))));
      } else {
        try (BareServer _ =
            new BareServer(ports.getLast(), duration -> json(turn(all, duration)))) {
          Thread.currentThread().join(); // Whoever started this process ends it.
        }
      }
    }
  }

  /** Runs all threads for so long. */
  private BareReport turn(List<BareThread> threads, Duration duration)
      throws InterruptedException, ExecutionException {
    BareReport.Spent before = BareReport.Spent.now();
    List<BareThread.Tally> tallies = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads.size())) {
      List<Future<BareThread.Tally>> running =
          threads.stream().map(thread -> executor.submit(() -> thread.run(duration))).toList();
      for (Future<BareThread.Tally> future : running) {
        tallies.add(future.get());
      }
    }
    return BareReport.of(tallies, batch, before, BareReport.Spent.now());
  }

  private List<byte[]> encoded() throws IOException {
    List<byte[]> all = new ArrayList<>();
    for (Path folder : images) {
      try (Stream<Path> paths = Files.list(folder)) {
        for (Path path : paths.filter(Files::isRegularFile).sorted().toList()) {
          all.add(Files.readAllBytes(path));
        }
      }
    }
    if (all.isEmpty()) {
      throw new IOException("no images: say --images with a folder of them, or --fetch");
    }
    return all;
  }

  private static String json(BareReport report) throws JsonProcessingException {
    return JsonMapper.builder()
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .build()
        .writeValueAsString(report);
  }
}
