package dev.sluice.worker.kafka;

import dev.sluice.worker.ledger.Bounds;
import dev.sluice.worker.ledger.Epochs;
import dev.sluice.worker.model.ImageInfo;
import dev.sluice.worker.model.ImageTask;
import dev.sluice.worker.model.Outcome;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.Parking;
import dev.sluice.worker.model.Timings;
import dev.sluice.worker.retry.RetryPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;

/** A worker's Kafka side around a processor of the test's own. */
final class TestWorker implements AutoCloseable {
  static final IntakeSettings SETTINGS =
      new IntakeSettings(
          new Bounds(1000, 64 << 20, 500),
          Duration.ofMillis(200),
          Duration.ofSeconds(5),
          Duration.ofMinutes(5),
          new Ordering.None());

  final Events events;
  final Intake intake;
  private final Publisher publisher;
  private final RegistryClient registry;

  private TestWorker(Events events, Intake intake, Publisher publisher, RegistryClient registry) {
    this.events = events;
    this.intake = intake;
    this.publisher = publisher;
    this.registry = registry;
  }

  static TestWorker start(
      ConnectionSettings connection, Topics topics, IntakeSettings settings, Processor processor) {
    return start(
        connection,
        GroupProtocol.CONSUMER,
        Guarantee.AT_LEAST_ONCE,
        "test-worker",
        topics,
        settings,
        processor);
  }

  static TestWorker start(
      ConnectionSettings connection,
      GroupProtocol protocol,
      Guarantee guarantee,
      String name,
      Topics topics,
      IntakeSettings settings,
      Processor processor) {
    Mailbox mailbox = new Mailbox();
    Events events = new Events();
    Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofMillis(500));
    InstantSource clock = InstantSource.system();
    Epochs epochs = new Epochs();
    FlightCount flights = new FlightCount();
    RegistryClient registry = RegistryClient.open(connection, backoff, events);
    ResultCodec results = new ResultCodec(registry, topics.results(), name, true);
    Publisher publisher =
        Publisher.open(
            connection,
            guarantee,
            topics,
            results,
            epochs,
            flights,
            mailbox,
            backoff,
            events,
            clock);
    RecordHandler handler =
        new RecordHandler(
            new RequestCodec(registry, "signs", clock),
            processor,
            new RetryPolicy(
                topics.retries(),
                switch (settings.ordering()) {
                  case Ordering.None() -> RetryPolicy.Place.TOPIC;
                  case Ordering.ByKey _ -> RetryPolicy.Place.IN_PLACE;
                }),
            publisher,
            epochs,
            flights,
            events,
            clock,
            System::nanoTime);
    Intake intake =
        Intake.open(
            connection,
            protocol,
            guarantee,
            name,
            topics,
            settings,
            handler,
            epochs,
            mailbox,
            events,
            clock,
            System::nanoTime);
    intake.start();
    return new TestWorker(events, intake, publisher, registry);
  }

  static Outcome success(ImageTask task, Parking parking) {
    return success(task);
  }

  /** What a model might have said. */
  static Outcome success(ImageTask task) {
    return new Outcome.Succeeded(
        task.model().name(),
        "1",
        new Output.Embedding(new float[] {0.5f, 1.5f}),
        new ImageInfo(640, 480, "jpeg", 1000),
        8,
        new Timings(1, 2, 3, 4, 5, 15));
  }

  IntakeSnapshot.Phase stop(Duration budget) {
    IntakeSnapshot.Phase phase = intake.stop(budget);
    publisher.close();
    try {
      registry.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return phase;
  }

  @Override
  public void close() {
    stop(Duration.ZERO);
  }
}
