package dev.sluice.worker;

import dev.sluice.worker.config.WorkerConfiguration;
import dev.sluice.worker.image.ImageDecoder;
import dev.sluice.worker.image.ImageFetcher;
import dev.sluice.worker.inference.ModelConfigurationException;
import dev.sluice.worker.inference.ModelRepository;
import dev.sluice.worker.kafka.Backoff;
import dev.sluice.worker.kafka.ConnectionSettings;
import dev.sluice.worker.kafka.FlightCount;
import dev.sluice.worker.kafka.GroupProtocol;
import dev.sluice.worker.kafka.Guarantee;
import dev.sluice.worker.kafka.Intake;
import dev.sluice.worker.kafka.IntakeSnapshot;
import dev.sluice.worker.kafka.Mailbox;
import dev.sluice.worker.kafka.Publisher;
import dev.sluice.worker.kafka.RecordHandler;
import dev.sluice.worker.kafka.RegistryClient;
import dev.sluice.worker.kafka.RequestCodec;
import dev.sluice.worker.kafka.ResultCodec;
import dev.sluice.worker.kafka.StartupCheck;
import dev.sluice.worker.kafka.StartupException;
import dev.sluice.worker.kafka.Topics;
import dev.sluice.worker.ledger.Epochs;
import dev.sluice.worker.model.ByteBudget;
import dev.sluice.worker.model.DeviceException;
import dev.sluice.worker.telemetry.Health;
import dev.sluice.worker.telemetry.Metrics;
import dev.sluice.worker.telemetry.TelemetryServer;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker, on one page: builds the parts, wires the data path, owns the order of start and stop.
 *
 * <pre>
 *   Intake (poll thread) -> RecordHandler (a virtual thread for each record)
 *       -> RequestCodec -> TaskProcessor: ImageFetcher -> ImageDecoder -> Batcher -> Lane
 *       -> Publisher (result, dead letter) -> Ledger -> commit
 * </pre>
 *
 * What was opened is closed in the opposite order, so nothing is closed under what still uses it.
 * {@link #start} and {@link #stop} may be called from different threads, each once.
 */
public final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  /** How long the brokers and the registry may be away when the worker starts. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** For a batch that is on the device when everything else has stopped. */
  private static final Duration LAST_BATCH = Duration.ofSeconds(10);

  /**
   * For what healthy lanes have begun when a device has failed: the rest waits for it in vain, and
   * other workers wait for the partitions.
   */
  private static final Duration HAND_BACK = Duration.ofSeconds(2);

  /** How a worker came to take no more requests. */
  public enum End {
    /** It was told to stop. */
    STOPPED,
    /** It could not go on. */
    FAILED,
    /** A device is of no more use to this process; another one may use it again. */
    DEVICE_FAILED
  }

  private final TelemetryServer server;
  private final CompletableFuture<End> ended;
  private final Deque<Part> parts;

  private Worker(TelemetryServer server, CompletableFuture<End> ended, Deque<Part> parts) {
    this.server = server;
    this.ended = ended;
    this.parts = parts;
  }

  /**
   * Builds a worker: loads the models while the brokers and the registry are asked, waits for them,
   * and starts to take requests.
   *
   * @throws ModelConfigurationException when the models cannot be served as they are
   * @throws DeviceException when a device is of no use to this process
   * @throws StartupException when the brokers or the registry do not answer or lack something
   * @throws IOException when the HTTP port cannot be bound
   */
  public static Worker start(WorkerConfiguration configuration, String version)
      throws IOException, InterruptedException {
    InstantSource clock = InstantSource.system();
    LongSupplier nanoClock = System::nanoTime;
    Deque<Part> parts = new ArrayDeque<>();
    boolean started = false;
    try {
      Metrics metrics = opened(parts, "metrics", new Metrics());
      IntakeTelemetry observer = new IntakeTelemetry(metrics);
      // Opened first and closed last: people want to see a worker that waits, and one that drains.
      StartingState surface = new StartingState(configuration, clock);
      TelemetryServer server =
          opened(
              parts,
              "http server",
              new TelemetryServer(
                  StageSettings.http(configuration.http()),
                  metrics,
                  surface.sources(),
                  Health.Limits.standard(),
                  version,
                  clock));

      ConnectionSettings connection = StageSettings.connection(configuration);
      Topics topics = StageSettings.topics(configuration);
      RegistryClient registry =
          opened(
              parts,
              "registry client",
              RegistryClient.open(connection, Backoff.DEFAULT, observer, clock));
      StartupCheck check = new StartupCheck(connection, PATIENCE, nanoClock);
      // Asked while the models are loaded: each takes a good part of a second.
      Meanwhile<GroupProtocol> brokersAnswer =
          opened(
              parts,
              "question to the brokers",
              Meanwhile.begin("brokers-check", () -> check.awaitBrokers(topics)));
      Meanwhile<ResultCodec> registryAnswers =
          opened(
              parts,
              "question to the registry",
              Meanwhile.begin(
                  "registry-check",
                  () -> {
                    ResultCodec results =
                        new ResultCodec(registry, topics.results(), configuration.workerId(), true);
                    check.awaitRegistry(registry, results);
                    return results;
                  }));

      ImageDecoder.preload(StageSettings.decode(configuration.images()));
      ModelRepository models =
          opened(
              parts,
              "models",
              ModelRepository.open(
                  configuration.models().repository(),
                  StageSettings.repository(configuration.models())));
      String defaultModel = DefaultModels.nameOf(configuration.models().defaultModel(), models);
      LaneTelemetry lanes = new LaneTelemetry(metrics);
      Batchers batchers =
          Batchers.start(
              models.all(),
              configuration.inFlight().maxRecords(),
              metrics,
              lanes,
              clock,
              nanoClock);
      parts.pop();
      parts.push(new Part("models", () -> close(batchers, models)));

      ByteBudget budget = StageSettings.imageBytes(configuration.inFlight());
      ImageDecoder decoder =
          opened(
              parts,
              "decoder",
              new ImageDecoder(StageSettings.decode(configuration.images()), clock));
      ImageFetcher fetcher =
          opened(
              parts,
              "fetcher",
              new ImageFetcher(
                  StageSettings.fetch(configuration.images(), models.all()), budget, clock));
      TaskProcessor processor =
          new TaskProcessor(models, fetcher, decoder, batchers, clock, nanoClock);

      surface.goesOnWith("waiting for Kafka at " + connection.bootstrapServers());
      GroupProtocol protocol = brokersAnswer.await();
      // Without its URL, which may hold a password.
      surface.goesOnWith("waiting for the schema registry");
      ResultCodec results = registryAnswers.await();

      Epochs epochs = new Epochs();
      FlightCount flights = new FlightCount();
      Mailbox mailbox = new Mailbox();
      Guarantee guarantee = StageSettings.guarantee(configuration);
      Publisher publisher =
          opened(
              parts,
              "publisher",
              Publisher.open(
                  connection,
                  guarantee,
                  topics,
                  results,
                  epochs,
                  flights,
                  mailbox,
                  Backoff.DEFAULT,
                  observer,
                  clock));
      RecordHandler handler =
          new RecordHandler(
              new RequestCodec(registry, defaultModel, clock),
              processor,
              StageSettings.retries(configuration),
              publisher,
              epochs,
              flights,
              observer,
              clock,
              nanoClock);
      Intake intake =
          Intake.open(
              connection,
              protocol,
              guarantee,
              configuration.workerId(),
              topics,
              StageSettings.intake(configuration),
              handler,
              epochs,
              mailbox,
              observer,
              clock,
              nanoClock);
      Duration drainBudget = configuration.drainBudget();
      parts.push(
          new Part(
              "intake",
              () -> {
                Duration time =
                    lanes.deviceFailed().isDone() ? shorter(HAND_BACK, drainBudget) : drainBudget;
                LOG.info("stopping; up to {} s for what is in flight", time.toSeconds());
                IntakeSnapshot.Phase _ = intake.stop(time);
              }));

      surface.started(
          new WorkerState(configuration, models, batchers, fetcher, registry, budget, intake, clock)
              .sources());
      intake.start();
      Worker worker = new Worker(server, end(intake, lanes), parts);
      started = true;
      LOG.info(
          "worker {} serves {} on {}; status page on port {}",
          configuration.workerId(),
          models.all(),
          topics.requests(),
          server.port());
      return worker;
    } finally {
      if (!started) {
        boolean _ = closeAll(parts);
      }
    }
  }

  /** The port of the status page. */
  public int httpPort() {
    return server.port();
  }

  /**
   * Completes when the worker takes no more requests, or should not: after a failed device it goes
   * on with other lanes until {@link #stop}, which is to be called at once.
   */
  public CompletableFuture<End> ended() {
    return ended.copy();
  }

  /**
   * Drains: takes no more requests, finishes what is in flight within the configured budget (within
   * a few seconds when a device has failed), commits, leaves the group, and closes everything.
   *
   * @return whether everything is closed; if not, a lane may still be inside its device call, and
   *     whoever frees what it uses ends the process by a signal
   */
  public boolean stop() {
    boolean closed = closeAll(parts);
    LOG.info("stopped");
    return closed;
  }

  private static CompletableFuture<End> end(Intake intake, LaneTelemetry lanes) {
    return CompletableFuture.anyOf(
            intake
                .ended()
                .thenApply(
                    phase -> phase == IntakeSnapshot.Phase.FAILED ? End.FAILED : End.STOPPED),
            lanes.deviceFailed().thenApply(_ -> End.DEVICE_FAILED))
        .thenApply(End.class::cast);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** Frees the models only when no lane is inside one: a tensor freed in use ends the process. */
  private static void close(Batchers batchers, ModelRepository models)
      throws InterruptedException, TimeoutException {
    if (!batchers.close(LAST_BATCH)) {
      throw new TimeoutException(
          "a lane is still inside its device call after %d s; its model stays in memory"
              .formatted(LAST_BATCH.toSeconds()));
    }
    models.close();
  }

  private static <T extends AutoCloseable> T opened(Deque<Part> parts, String name, T part) {
    parts.push(new Part(name, part));
    return part;
  }

  /**
   * Latest first. What cannot be closed is logged and keeps nothing else from being closed.
   *
   * @return whether all could be
   */
  private static boolean closeAll(Deque<Part> parts) {
    boolean allClosed = true;
    while (!parts.isEmpty()) {
      Part part = parts.pop();
      try {
        part.closing().close();
      } catch (Exception e) {
        LOG.warn("the {} did not close in order", part.name(), e);
        allClosed = false;
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
      }
    }
    return allClosed;
  }

  private record Part(String name, AutoCloseable closing) {}
}
