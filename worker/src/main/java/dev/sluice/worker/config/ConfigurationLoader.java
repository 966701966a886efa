package dev.sluice.worker.config;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.config.WorkerConfiguration.Addresses;
import dev.sluice.worker.config.WorkerConfiguration.Http;
import dev.sluice.worker.config.WorkerConfiguration.Images;
import dev.sluice.worker.config.WorkerConfiguration.InFlight;
import dev.sluice.worker.config.WorkerConfiguration.Kafka;
import dev.sluice.worker.config.WorkerConfiguration.Limits;
import dev.sluice.worker.config.WorkerConfiguration.Models;
import dev.sluice.worker.config.WorkerConfiguration.Outages;
import dev.sluice.worker.config.WorkerConfiguration.S3;
import dev.sluice.worker.config.WorkerConfiguration.S3Credentials;
import dev.sluice.worker.config.WorkerConfiguration.Topics;
import dev.sluice.worker.model.NearestName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes a {@link WorkerConfiguration} of files, environment and command line. */
public final class ConfigurationLoader {
  private final List<Problem> problems = new ArrayList<>();
  private final Map<String, Setting> settings = new HashMap<>();

  private ConfigurationLoader() {}

  /**
   * Reads a configuration.
   *
   * @throws ConfigurationException that lists everything that is wrong
   */
  public static WorkerConfiguration load(ConfigurationSources sources)
      throws ConfigurationException {
    ConfigurationLoader loader = new ConfigurationLoader();
    loader.gather(sources);
    loader.refuseUnknownKeys();
    Values values = loader.parse();
    loader.stopOnProblems();
    return loader.build(values, sources.defaultWorkerId());
  }

  private void gather(ConfigurationSources sources) {
    for (Path file : sources.files()) {
      put(YamlFile.read(file, problems));
    }
    put(EnvironmentSettings.read(sources.environment(), problems));
    for (String override : sources.overrides()) {
      int equals = override.indexOf('=');
      if (equals < 1) {
        problems.add(
            new Problem(
                "--set takes key=value; there is no '=' after "
                    + override.replaceFirst("[^a-z0-9_.].*", "...")));
      } else {
        put(
            List.of(
                new Setting(
                    override.substring(0, equals).strip(),
                    new RawValue.Text(override.substring(equals + 1)),
                    new Origin.CommandLine())));
      }
    }
  }

  private void put(List<Setting> stronger) {
    stronger.forEach(setting -> settings.put(setting.key(), setting));
  }

  private void refuseUnknownKeys() {
    Set<String> known = Keys.ALL.stream().map(Key::name).collect(Collectors.toSet());
    Set<String> mappings =
        Keys.PASS_THROUGH.stream().map(Keys.PassThrough::name).collect(Collectors.toSet());
    for (Setting setting : new TreeMap<>(settings).values()) {
      String key = setting.key();
      boolean emptySection =
          setting.value() instanceof RawValue.Nothing
              && (mappings.contains(key)
                  || known.stream().anyMatch(name -> name.startsWith(key + ".")));
      boolean passesThrough =
          Keys.PASS_THROUGH.stream().anyMatch(mapping -> mapping.holds(setting.key()));
      if (!known.contains(key) && !emptySection && !passesThrough) {
        problems.add(
            new Problem(key + " (" + setting.origin() + ") is not a key" + hint(key, known)));
      }
    }
  }

  private static String hint(String key, Set<String> known) {
    List<String> inside =
        known.stream().filter(name -> name.startsWith(key + ".")).sorted().toList();
    if (!inside.isEmpty()) {
      return "; it is a section with " + String.join(", ", inside);
    }
    return NearestName.hint(
        key,
        Stream.concat(known.stream(), Keys.PASS_THROUGH.stream().map(Keys.PassThrough::name))
            .toList());
  }

  private Values parse() {
    Map<String, Object> values = new HashMap<>();
    for (Key<?> key : Keys.ALL) {
      Setting setting = setting(key);
      try {
        values.put(key.name(), key.type().parse(setting.value()));
      } catch (IllegalArgumentException _) {
        problems.add(
            new Problem(
                key.name()
                    + ": '"
                    + shown(key, setting.value())
                    + "' ("
                    + setting.origin()
                    + ") is not "
                    + key.type().allowed()));
      }
    }
    return new Values(values);
  }

  /** The value for people, without secrets and without the user and password of a URL. */
  private static String shown(Key<?> key, RawValue value) {
    return key.isSecret() ? "(secret)" : value.toString().replaceAll("//[^/@\\s]*@", "//(secret)@");
  }

  private Setting setting(Key<?> key) {
    Setting byDefault =
        new Setting(key.name(), new RawValue.Text(key.defaultText()), new Origin.Default());
    Setting setting = settings.getOrDefault(key.name(), byDefault);
    return setting.value() instanceof RawValue.Nothing ? byDefault : setting;
  }

  private Map<String, String> clientSettings(Keys.PassThrough mapping) {
    Map<String, String> client = new HashMap<>();
    for (Setting setting : settings.values()) {
      if (mapping.holds(setting.key())) {
        String name = mapping.clientKey(setting.key());
        switch (setting.value()) {
          case RawValue.Text(String text) -> client.put(name, text);
          case RawValue.Texts(List<String> texts) -> client.put(name, String.join(",", texts));
          case RawValue.Nothing _ ->
              problems.add(new Problem(setting.key() + " (" + setting.origin() + ") has no value"));
        }
      }
    }
    return client;
  }

  private WorkerConfiguration build(Values values, String defaultWorkerId)
      throws ConfigurationException {
    Optional<Kafka> kafka = attempt(() -> kafka(values));
    Optional<Topics> topics =
        attempt(() ->
            new Topics(
                values.get(Keys.TOPICS_REQUESTS),
                values.get(Keys.TOPICS_RESULTS),
                values.get(Keys.TOPICS_DEAD_LETTERS),
                values.get(Keys.TOPICS_RETRIES)));
    Optional<Images> images = attempt(() -> images(values));
    Optional<Models> models = attempt(() -> models(values));
    stopOnProblems();
    Optional<WorkerConfiguration> whole =
        attempt(() ->
            new WorkerConfiguration(
                values.get(Keys.WORKER_ID).isBlank() ? defaultWorkerId : values.get(Keys.WORKER_ID),
                kafka.orElseThrow(),
                topics.orElseThrow(),
                values.get(Keys.DELIVERY),
                values.get(Keys.ORDERING),
                images.orElseThrow(),
                models.orElseThrow(),
                new InFlight(
                    values.get(Keys.IN_FLIGHT_MAX_RECORDS),
                    values.get(Keys.IN_FLIGHT_MAX_BYTES),
                    values.get(Keys.IN_FLIGHT_MAX_RUN_AHEAD),
                    values.get(Keys.IN_FLIGHT_MAX_HOLD),
                    values.get(Keys.IN_FLIGHT_MAX_PER_KEY)),
                new Http(values.get(Keys.HTTP_HOST), values.get(Keys.HTTP_PORT)),
                values.get(Keys.COMMIT_INTERVAL),
                values.get(Keys.DRAIN_BUDGET)));
    stopOnProblems();
    return whole.orElseThrow();
  }

  private Kafka kafka(Values values) {
    return new Kafka(
        values.get(Keys.KAFKA_BOOTSTRAP_SERVERS),
        values.get(Keys.KAFKA_SCHEMA_REGISTRY_URL),
        values.get(Keys.KAFKA_GROUP_ID),
        clientSettings(Keys.KAFKA_PROPERTIES),
        clientSettings(Keys.KAFKA_CONSUMER),
        clientSettings(Keys.KAFKA_PRODUCER));
  }

  private static Images images(Values values) {
    String accessKeyId = values.get(Keys.IMAGES_S3_ACCESS_KEY_ID);
    Secret secret = values.get(Keys.IMAGES_S3_SECRET_ACCESS_KEY);
    S3Credentials credentials =
        accessKeyId.isEmpty() && secret.value().isEmpty()
            ? new S3Credentials.DefaultChain()
            : new S3Credentials.AccessKey(accessKeyId, secret);
    return new Images(
        new Limits(
            values.get(Keys.IMAGES_MAX_BYTES),
            values.get(Keys.IMAGES_MAX_PIXELS),
            values.get(Keys.IMAGES_TIMEOUT),
            values.get(Keys.IMAGES_CONNECT_TIMEOUT),
            values.get(Keys.IMAGES_ATTEMPTS),
            values.get(Keys.IMAGES_MAX_REDIRECTS),
            values.get(Keys.IMAGES_MAX_CONCURRENT),
            values.get(Keys.IMAGES_MAX_CONCURRENT_PER_ORIGIN)),
        new Outages(values.get(Keys.IMAGES_PROBE_INTERVAL), values.get(Keys.IMAGES_OUTAGE_LIMIT)),
        new Addresses(
            values.get(Keys.IMAGES_ALLOW),
            values.get(Keys.IMAGES_DENY),
            values.get(Keys.IMAGES_ALLOW_DOWNGRADE)),
        values.get(Keys.IMAGES_FILE_ROOTS),
        values.get(Keys.IMAGES_DECODE_THREADS),
        new S3(
            values.get(Keys.IMAGES_S3_ENDPOINT),
            values.get(Keys.IMAGES_S3_REGION),
            values.get(Keys.IMAGES_S3_PATH_STYLE),
            credentials));
  }

  private static Models models(Values values) {
    return new Models(
        values.get(Keys.MODELS_REPOSITORY),
        values.get(Keys.MODELS_DEFAULT),
        values.get(Keys.MODELS_DEVICE),
        values.get(Keys.MODELS_INSTANCES),
        values.get(Keys.MODELS_MAX_BATCH_SIZE),
        values.get(Keys.MODELS_PREFERRED_BATCH_SIZE),
        values.get(Keys.MODELS_MAX_QUEUE_DELAY),
        values.get(Keys.MODELS_MAX_CALL_DURATION));
  }

  /** Builds a record; empty, and a problem the more, when it refuses. */
  private <T> Optional<T> attempt(Supplier<T> record) {
    try {
      return Optional.of(record.get());
    } catch (IllegalArgumentException e) {
      problems.add(new Problem(String.valueOf(e.getMessage())));
      return Optional.empty();
    }
  }

  private void stopOnProblems() throws ConfigurationException {
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
  }

  /** What the keys' texts mean. */
  private record Values(Map<String, Object> byKey) {
    @SuppressWarnings("unchecked") // parse() made it with this very key's type
    <T> T get(Key<T> key) {
      return (T) requireNonNull(byKey.get(key.name()), key.name());
    }
  }
}
