package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the brokers and the registry when the worker starts, within a bound, and checks that
 * all is there. Brokers and registry may be asked on two threads at once.
 */
public final class StartupCheck {
  private static final Logger LOG = LoggerFactory.getLogger(StartupCheck.class);
  private static final Duration CALL = Duration.ofSeconds(10);
  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);
  private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(5);

  private final ConnectionSettings connection;
  private final Duration patience;
  private final LongSupplier nanos;

  /**
   * @param patience how long to wait for each of them
   * @param nanos measures intervals, in nanoseconds of any origin
   */
  public StartupCheck(ConnectionSettings connection, Duration patience, LongSupplier nanos) {
    this.connection = requireNonNull(connection, "connection is null");
    this.patience = requireNonNull(patience, "patience is null");
    this.nanos = requireNonNull(nanos, "nanos is null");
  }

  /**
   * Waits for the brokers and checks the topics.
   *
   * @return the best group protocol that the brokers offer
   * @throws StartupException when the brokers do not answer in time, or a topic is missing
   */
  public GroupProtocol awaitBrokers(Topics topics) throws InterruptedException {
    return await("Kafka at " + connection.bootstrapServers(), () -> checkBrokers(topics));
  }

  /**
   * Waits for the registry and makes the results' schema known.
   *
   * @throws StartupException when the registry does not answer in time, or refuses the schema
   */
  public void awaitRegistry(RegistryClient registry, ResultCodec results)
      throws InterruptedException {
    await(
        "the schema registry at " + withoutUser(connection.schemaRegistryUrl()),
        () -> {
          registry.ping();
          checkSchema(results);
          return true;
        });
  }

  /** A URL may hold a name and a password. */
  private static String withoutUser(String urls) {
    return urls.replaceAll("//[^/@,]*@", "//(secret)@");
  }

  private GroupProtocol checkBrokers(Topics topics)
      throws InterruptedException, ExecutionException, TimeoutException {
    Admin admin = KafkaClients.admin(connection);
    try {
      Set<String> missing = new TreeSet<>();
      for (Map.Entry<String, ? extends KafkaFuture<?>> topic :
          admin.describeTopics(topics.all()).topicNameValues().entrySet()) {
        if (!exists(topic.getValue())) {
          missing.add(topic.getKey());
        }
      }
      if (!missing.isEmpty()) {
        throw new StartupException(
            "there is no topic %s at %s; create what is missing with: sluice topics create"
                .formatted(String.join(", ", missing), connection.bootstrapServers()));
      }
      return protocol(admin);
    } finally {
      // At once: close() alone waits for calls that nobody answers, and whoever stops a worker that
      // is starting would wait along.
      admin.close(Duration.ZERO);
    }
  }

  private static boolean exists(KafkaFuture<?> description)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      description.get(CALL.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw e;
    }
  }

  private static GroupProtocol protocol(Admin admin)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      GroupProtocol offered =
          protocol(
              admin
                  .describeFeatures()
                  .featureMetadata()
                  .get(CALL.toMillis(), TimeUnit.MILLISECONDS)
                  .finalizedFeatures());
      if (offered == GroupProtocol.CLASSIC) {
        LOG.info("the brokers do not offer group.protocol=consumer; using classic");
      }
      return offered;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnsupportedVersionException) {
        LOG.info("the brokers do not describe their features; using group.protocol=classic");
        return GroupProtocol.CLASSIC;
      }
      throw e;
    }
  }

  /** KIP-848: the feature group.version, from level 1 on, is the new protocol. */
  static GroupProtocol protocol(Map<String, FinalizedVersionRange> features) {
    FinalizedVersionRange groups = features.get("group.version");
    return groups != null && groups.maxVersionLevel() >= 1
        ? GroupProtocol.CONSUMER
        : GroupProtocol.CLASSIC;
  }

  private static void checkSchema(ResultCodec results) throws IOException {
    try {
      results.connect();
    } catch (KafkaException e) {
      if (e.getCause() instanceof RestClientException refused && refused.getStatus() < 500) {
        throw new StartupException(
            "the schema registry refuses the results' schema: "
                + refused.getMessage()
                + "; see: sluice schemas check, sluice schemas register",
            e);
      }
      throw new IOException(e);
    }
  }

  private <T> T await(String what, Check<T> check) throws InterruptedException {
    long begun = nanos.getAsLong();
    long reported = begun - BETWEEN_REPORTS.toNanos();
    while (true) {
      Exception reason;
      try {
        return check.run();
      } catch (ExecutionException
          | TimeoutException
          | IOException
          | RestClientException
          | KafkaException e) {
        reason = e;
      }
      long now = nanos.getAsLong();
      if (now - begun >= patience.toNanos()) {
        throw new StartupException(
            "%s did not answer within %d s: %s"
                .formatted(what, patience.toSeconds(), Text.bounded(reason.toString(), 500)),
            reason);
      }
      if (now - reported >= BETWEEN_REPORTS.toNanos()) {
        reported = now;
        LOG.info(
            "waiting for {} ({} of {} s): {}",
            what,
            Duration.ofNanos(now - begun).toSeconds(),
            patience.toSeconds(),
            reason.toString());
      }
      Thread.sleep(BETWEEN_TRIES);
    }
  }

  @FunctionalInterface
  private interface Check<T> {
    T run()
        throws InterruptedException,
            ExecutionException,
            TimeoutException,
            IOException,
            RestClientException;
  }
}
