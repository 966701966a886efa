package dev.sluice.worker.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.config.WorkerConfiguration.DefaultModel;
import dev.sluice.worker.config.WorkerConfiguration.Delivery;
import dev.sluice.worker.config.WorkerConfiguration.Instances;
import dev.sluice.worker.config.WorkerConfiguration.MaxBatchSize;
import dev.sluice.worker.config.WorkerConfiguration.Ordering;
import dev.sluice.worker.config.WorkerConfiguration.S3Credentials;
import dev.sluice.worker.config.WorkerConfiguration.S3Endpoint;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sets every key once to another value than its default and sees it arrive. */
class EveryKeyTest {
  /** A key, a text that is not its default, and what becomes of it where. */
  record Case(
      String key,
      String text,
      List<String> needs,
      Function<WorkerConfiguration, Object> where,
      Object value) {
    @Override
    public String toString() {
      return key + "=" + text;
    }
  }

  private static final List<Case> CASES = new ArrayList<>();

  static {
    set("worker_id", "w7", WorkerConfiguration::workerId, "w7");
    set(
        "kafka.bootstrap_servers",
        "a.example:1, [::1]:2",
        c -> c.kafka().bootstrapServers(),
        List.of("a.example:1", "[::1]:2"));
    set(
        "kafka.schema_registry_url",
        "https://registry.example",
        c -> c.kafka().schemaRegistryUrls(),
        List.of(URI.create("https://registry.example")));
    set("kafka.group_id", "other", c -> c.kafka().groupId(), "other");
    set("topics.requests", "a,b", c -> c.topics().requests(), List.of("a", "b"));
    set("topics.results", "r", c -> c.topics().results(), "r");
    set("topics.dead_letters", "d", c -> c.topics().deadLetters(), "d");
    set(
        "topics.retries",
        "1s,2h",
        c -> c.topics().retries(),
        List.of(Duration.ofSeconds(1), Duration.ofHours(2)));
    set("delivery", "exactly-once", WorkerConfiguration::delivery, Delivery.EXACTLY_ONCE);
    set("ordering", "key", WorkerConfiguration::ordering, Ordering.KEY);
    set("in_flight.max_per_key", "3", c -> c.inFlight().maxPerKey(), 3);
    set("images.max_bytes", "1.5KiB", c -> c.images().limits().maxBytes(), 1536L);
    set("images.max_pixels", "1_000_000", c -> c.images().limits().maxPixels(), 1_000_000);
    set("images.timeout", "250ms", c -> c.images().limits().timeout(), Duration.ofMillis(250));
    set(
        "images.connect_timeout",
        "1s",
        c -> c.images().limits().connectTimeout(),
        Duration.ofSeconds(1));
    set("images.max_concurrent", "6", c -> c.images().limits().maxConcurrent(), 6);
    set(
        "images.max_concurrent_per_origin",
        "4",
        c -> c.images().limits().maxConcurrentPerOrigin(),
        4);
    set("images.allow_downgrade", "true", c -> c.images().addresses().allowDowngrade(), true);
    set(
        "images.probe_interval",
        "3s",
        c -> c.images().outages().probeInterval(),
        Duration.ofSeconds(3));
    set("images.outage_limit", "2h", c -> c.images().outages().limit(), Duration.ofHours(2));
    set("images.attempts", "1", c -> c.images().limits().attempts(), 1);
    set("images.max_redirects", "0", c -> c.images().limits().maxRedirects(), 0);
    set("images.allow", "https://*", c -> c.images().addresses().allow(), List.of("https://*"));
    set("images.deny", "10.0.0.0/8", c -> c.images().addresses().deny(), List.of("10.0.0.0/8"));
    set("images.file_roots", "/data", c -> c.images().fileRoots(), List.of(Path.of("/data")));
    set("images.decode_threads", "1023", c -> c.images().decodeThreads(), 1023);
    set(
        "images.s3.endpoint",
        "http://s3.example:9000",
        c -> c.images().s3().endpoint(),
        new S3Endpoint.At(URI.create("http://s3.example:9000")));
    set("images.s3.region", "eu-central-1", c -> c.images().s3().region(), "eu-central-1");
    set("images.s3.path_style", "false", c -> c.images().s3().pathStyle(), false);
    S3Credentials key = new S3Credentials.AccessKey("id", new Secret("hush"));
    add(
        new Case(
            "images.s3.access_key_id",
            "id",
            List.of("images.s3.secret_access_key=hush"),
            c -> c.images().s3().credentials(),
            key));
    add(
        new Case(
            "images.s3.secret_access_key",
            "hush",
            List.of("images.s3.access_key_id=id"),
            c -> c.images().s3().credentials(),
            key));
    set("models.repository", "/m", c -> c.models().repository(), Path.of("/m"));
    set("models.default", "signs", c -> c.models().defaultModel(), new DefaultModel.Named("signs"));
    set("models.device", "cuda:1", c -> c.models().device(), "cuda:1");
    set("models.instances", "255", c -> c.models().instances(), new Instances.Fixed(255));
    set("models.max_batch_size", "9", c -> c.models().maxBatchSize(), new MaxBatchSize.Fixed(9));
    set("models.preferred_batch_size", "2,4", c -> c.models().preferredBatchSizes(), List.of(2, 4));
    set(
        "models.max_queue_delay",
        "1.5ms",
        c -> c.models().maxQueueDelay(),
        Duration.ofNanos(1_500_000));
    set("models.max_call_duration", "2m", c -> c.models().maxCallDuration(), Duration.ofMinutes(2));
    set("in_flight.max_records", "5", c -> c.inFlight().maxRecords(), 5);
    set("in_flight.max_bytes", "1GiB", c -> c.inFlight().maxBytes(), 1L << 30);
    set("in_flight.max_run_ahead", "77", c -> c.inFlight().maxRunAhead(), 77);
    set("in_flight.max_hold", "90s", c -> c.inFlight().maxHold(), Duration.ofSeconds(90));
    set("http.host", "127.0.0.1", c -> c.http().host(), "127.0.0.1");
    set("http.port", "0", c -> c.http().port(), 0);
    set("commit_interval", "3s", WorkerConfiguration::commitInterval, Duration.ofSeconds(3));
    set("drain_budget", "2m", WorkerConfiguration::drainBudget, Duration.ofMinutes(2));
  }

  @Test
  void everyKeyHasATest() {
    List<String> tested = CASES.stream().map(Case::key).toList();

    assertThat(tested)
        .containsExactlyInAnyOrderElementsOf(Keys.ALL.stream().map(Key::name).toList());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void arrivesFromTheCommandLine(Case one) {
    List<String> overrides = new ArrayList<>(one.needs());
    overrides.add(one.key() + "=" + one.text());

    WorkerConfiguration set = Loading.withOverrides(overrides.toArray(String[]::new));

    assertThat(one.where().apply(set)).isEqualTo(one.value());
    assertThat(one.where().apply(Loading.withOverrides())).isNotEqualTo(one.value());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void arrivesFromTheEnvironment(Case one) {
    Map<String, String> environment = Map.of(Key.variable(one.key()), one.text());

    WorkerConfiguration set =
        Loading.valid(new ConfigurationSources(List.of(), environment, one.needs(), "test-worker"));

    assertThat(one.where().apply(set)).isEqualTo(one.value());
  }

  static Stream<Case> cases() {
    return CASES.stream();
  }

  private static void set(
      String key, String text, Function<WorkerConfiguration, Object> where, Object value) {
    add(new Case(key, text, List.of(), where, value));
  }

  private static void add(Case one) {
    CASES.add(one);
  }
}
