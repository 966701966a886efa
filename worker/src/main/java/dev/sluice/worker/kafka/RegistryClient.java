package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.worker.model.Parking;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The schema registry, through Confluent's own client. Safe for any thread.
 *
 * <p>A schema that was found stays known for good, so records with known schemas never wait for the
 * registry. Of the others one at a time asks: garbage with made-up schema ids costs one call each
 * at most, never many at once, and an id that the registry does not know is not asked for again for
 * a minute. While the registry cannot be asked, the one that asks tries again and those behind it
 * wait: that is not the record's fault. Who waits says so to its {@link Parking}.
 */
public final class RegistryClient implements AutoCloseable {
  /** Confluent's error code for "no such schema"; a 404 without it is a wrong address. */
  private static final int SCHEMA_NOT_FOUND = 40403;

  private static final int CACHE_SIZE = 10_000;

  /**
   * Many times what a lookup takes: who waits longer for its turn waits for a registry that is
   * away.
   */
  private static final Duration TURN = Duration.ofSeconds(1);

  /** What records wait for that wait for it, as {@link Parking} hears it. */
  public static final String NAME = "the schema registry";

  private final SchemaRegistryClient client;
  private final Backoff backoff;
  private final IntakeObserver observer;
  private final Set<SchemaKey> known = ConcurrentHashMap.newKeySet();
  private final ReentrantLock asking = new ReentrantLock();
  private final InstantSource clock;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private int waiting;

  /** When the first of those that wait began to. */
  @GuardedBy("lock")
  private Instant since;

  private RegistryClient(
      SchemaRegistryClient client, Backoff backoff, IntakeObserver observer, InstantSource clock) {
    this.client = client;
    this.clock = requireNonNull(clock, "clock is null");
    this.since = clock.instant();
    this.backoff = requireNonNull(backoff, "backoff is null");
    this.observer = requireNonNull(observer, "observer is null");
  }

  /** As the other, by the system's clock. */
  public static RegistryClient open(
      ConnectionSettings connection, Backoff backoff, IntakeObserver observer) {
    return open(connection, backoff, observer, InstantSource.system());
  }

  /**
   * Makes the client; nothing is asked yet.
   *
   * @param clock tells people since when the registry is away
   */
  public static RegistryClient open(
      ConnectionSettings connection,
      Backoff backoff,
      IntakeObserver observer,
      InstantSource clock) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("http.connect.timeout.ms", 5000);
    settings.put("http.read.timeout.ms", 10_000);
    settings.put("max.retries", 0); // we wait ourselves, and can be interrupted meanwhile
    settings.put("missing.id.cache.ttl.sec", 60L);
    settings.put("missing.cache.size", 10_000);
    settings.putAll(connection.properties());
    return new RegistryClient(
        new CachedSchemaRegistryClient(connection.schemaRegistryUrl(), CACHE_SIZE, settings),
        backoff,
        observer,
        clock);
  }

  /** How many records wait for the registry because it cannot be asked. Any thread. */
  public RegistryState state() {
    synchronized (lock) {
      return new RegistryState(waiting, since);
    }
  }

  SchemaRegistryClient client() {
    return client;
  }

  /**
   * Whether the registry knows this id; once it said yes, deserializing with it asks nothing more.
   *
   * @param parking hears when the registry is waited for because it cannot be asked
   * @throws InterruptedException when interrupted while the registry cannot be asked
   */
  boolean knows(String subject, int id, Parking parking) throws InterruptedException {
    SchemaKey key = new SchemaKey(subject, id);
    if (known.contains(key)) {
      return true;
    }
    if (id < 0) {
      return false;
    }
    awaitTurn(parking);
    try {
      return known.contains(key) || ask(key, parking);
    } finally {
      asking.unlock();
    }
  }

  private void awaitTurn(Parking parking) throws InterruptedException {
    if (!asking.tryLock(TURN.toNanos(), TimeUnit.NANOSECONDS)) {
      park(parking);
      try {
        asking.lockInterruptibly();
      } finally {
        leave(parking);
      }
    }
  }

  private boolean ask(SchemaKey key, Parking parking) throws InterruptedException {
    Answer answer = askOnce(key);
    return (answer == Answer.NONE ? askUntilAnswered(key, parking) : answer) == Answer.KNOWN;
  }

  private Answer askUntilAnswered(SchemaKey key, Parking parking) throws InterruptedException {
    park(parking);
    try {
      Answer answer = Answer.NONE;
      for (int failures = 1; answer == Answer.NONE; failures++) {
        Thread.sleep(backoff.delay(failures, ThreadLocalRandom.current().nextDouble()));
        answer = askOnce(key);
      }
      return answer;
    } finally {
      leave(parking);
    }
  }

  private void park(Parking parking) {
    synchronized (lock) {
      if (waiting == 0) {
        since = clock.instant();
      }
      waiting++;
    }
    parking.entered(NAME);
  }

  private void leave(Parking parking) {
    parking.left();
    synchronized (lock) {
      waiting--;
    }
  }

  private Answer askOnce(SchemaKey key) {
    try {
      client.getSchemaBySubjectAndId(key.subject(), key.id());
      known.add(key);
      return Answer.KNOWN;
    } catch (RestClientException e) {
      if (saysUnknown(e)) {
        return Answer.UNKNOWN;
      }
      observer.registryUnreachable(e);
    } catch (IOException e) {
      observer.registryUnreachable(e);
    }
    return Answer.NONE;
  }

  /** Asks the registry for anything at all. */
  void ping() throws IOException, RestClientException {
    client.getAllSubjectsByPrefix("dev.sluice");
  }

  @Override
  public void close() throws IOException {
    client.close();
  }

  private static boolean saysUnknown(RestClientException e) {
    return e.getErrorCode() == SCHEMA_NOT_FOUND || e.getStatus() == 400 || e.getStatus() == 422;
  }

  private enum Answer {
    KNOWN,
    UNKNOWN,
    /** The registry could not be asked. */
    NONE
  }

  private record SchemaKey(String subject, int id) {}
}
