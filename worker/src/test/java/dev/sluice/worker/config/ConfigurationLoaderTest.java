package dev.sluice.worker.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.config.WorkerConfiguration.DefaultModel;
import dev.sluice.worker.config.WorkerConfiguration.Delivery;
import dev.sluice.worker.config.WorkerConfiguration.Http;
import dev.sluice.worker.config.WorkerConfiguration.InFlight;
import dev.sluice.worker.config.WorkerConfiguration.S3Credentials;
import dev.sluice.worker.config.WorkerConfiguration.S3Endpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationLoaderTest {
  @TempDir Path folder;

  @Test
  void withNothingSetTheDefaultsHold() {
    WorkerConfiguration byDefault = Loading.withOverrides();

    assertThat(byDefault.workerId()).isEqualTo("test-worker");
    assertThat(byDefault.kafka().bootstrapServers()).containsExactly("localhost:9092");
    assertThat(byDefault.kafka().properties()).isEmpty();
    assertThat(byDefault.topics())
        .isEqualTo(
            new WorkerConfiguration.Topics(
                List.of("inference-requests"),
                "inference-results",
                "inference-requests-dlt",
                List.of(Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(10))));
    assertThat(byDefault.delivery()).isEqualTo(Delivery.AT_LEAST_ONCE);
    assertThat(byDefault.images().limits().maxBytes()).isEqualTo(32L << 20);
    assertThat(byDefault.images().addresses().allow()).isEmpty();
    assertThat(byDefault.images().s3().endpoint()).isEqualTo(new S3Endpoint.Aws());
    assertThat(byDefault.images().s3().credentials()).isEqualTo(new S3Credentials.DefaultChain());
    assertThat(byDefault.models().defaultModel()).isEqualTo(new DefaultModel.OnlyOne());
    assertThat(byDefault.inFlight())
        .isEqualTo(new InFlight(2000, 512L << 20, 10_000, Duration.ofMinutes(5), 100));
    assertThat(byDefault.http()).isEqualTo(new Http("0.0.0.0", 8080));
  }

  @Test
  void readsTheShapeOfTheContract() {
    Path file =
        Loading.write(
            folder.resolve("worker.yaml"),
            """
            kafka:    { bootstrap_servers: "broker:9092", schema_registry_url: "http://registry:8081", group_id: sluice, properties: {}, consumer: {}, producer: {} }
            topics:   { requests: [inference-requests], results: inference-results, dead_letters: inference-requests-dlt, retries: [10s, 1m, 10m] }
            delivery: at-least-once            # or exactly-once
            ordering: none                     # or key
            images:   { max_bytes: 32MiB, max_pixels: 64000000, timeout: 10s, allow: ["https://*.example.com"], file_roots: [], s3: { endpoint: "", region: "eu-west-1" } }
            models:   { repository: ./models, default: signs }
            in_flight: { max_records: 2000, max_bytes: 512MiB }
            http:     { port: 8080 }
            """);

    WorkerConfiguration read = Loading.valid(Loading.file(file));

    assertThat(read.kafka().bootstrapServers()).containsExactly("broker:9092");
    assertThat(read.images().addresses().allow()).containsExactly("https://*.example.com");
    assertThat(read.models().defaultModel()).isEqualTo(new DefaultModel.Named("signs"));
  }

  @Test
  void theCommandLineBeatsTheEnvironmentBeatsLaterFilesBeatEarlierOnes() {
    Path first =
        Loading.write(
            folder.resolve("a.yaml"), "http: { port: 1, host: a }\nworker_id: a\ndrain_budget: 1s");
    Path second =
        Loading.write(folder.resolve("b.yaml"), "http: { port: 2, host: b }\nworker_id: b");

    WorkerConfiguration read =
        Loading.valid(
            new ConfigurationSources(
                List.of(first, second),
                Map.of("SLUICE_HTTP_PORT", "3", "SLUICE_HTTP_HOST", "c", "HTTP_PORT", "9"),
                List.of("http.port=4", "http.port=5"),
                "d"));

    assertThat(read.http()).isEqualTo(new Http("c", 5));
    assertThat(read.workerId()).isEqualTo("b");
    assertThat(read.drainBudget()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void reportsEverythingThatIsWrongAtOnceAndWhereItCameFrom() {
    Path file =
        Loading.write(
            folder.resolve("worker.yaml"),
            """
            http:
              port: 99999
            images:
              max_byts: 3MiB
              timeout: [1s, 2s]
            delivery: at-most-once
            kafka: localhost:9092
            topics:
              requests:
                - name: nested
              results: a topic
            """);

    List<String> problems =
        Loading.problems(
            new ConfigurationSources(
                List.of(file),
                Map.of("SLUICE_DRAIN_BUDGET", "soon", "SLUICE_HTTP_PROT", "1"),
                List.of("models.instances=-1", "nonsense"),
                "w"));

    assertThat(problems)
        .containsExactlyInAnyOrder(
            "http.port: '99999' (" + file + ":2) is not a whole number from 0 to 65535",
            "images.max_byts (" + file + ":4) is not a key; did you mean images.max_bytes?",
            "images.timeout: '[1s, 2s]' ("
                + file
                + ":5) is not a duration of at least 1ms, such as 250ms, 10s, 5m, 1h or 1d",
            "delivery: 'at-most-once' (" + file + ":6) is not at-least-once or exactly-once",
            "kafka ("
                + file
                + ":7) is not a key; it is a section with kafka.bootstrap_servers, kafka.group_id,"
                + " kafka.schema_registry_url",
            "topics.requests (" + file + ":10) is a list of plain values only",
            "topics.requests: '[]' ("
                + file
                + ":10) is not a list (commas between) in which each is a topic name: 1 to 249"
                + " letters, digits, '.', '_' and '-', and not empty",
            "topics.results: 'a topic' ("
                + file
                + ":11) is not a topic name: 1 to 249 letters, digits, '.', '_' and '-'",
            "drain_budget: 'soon' (environment variable SLUICE_DRAIN_BUDGET) is not a duration of"
                + " at least 0ms, such as 250ms, 10s, 5m, 1h or 1d",
            "environment variable SLUICE_HTTP_PROT sets no known key; did you mean"
                + " SLUICE_HTTP_PORT?",
            "models.instances: '-1' (--set) is not a whole number from 1 to 256, or auto",
            "--set takes key=value; there is no '=' after nonsense");
  }

  @Test
  void reportsWhatDoesNotGoTogetherInEverySection() {
    assertThat(
            Loading.problemsOf(
                "topics.results=t",
                "topics.dead_letters=t",
                "topics.retries=1m,1s",
                "images.s3.access_key_id=id",
                "models.max_batch_size=4",
                "models.preferred_batch_size=8"))
        .satisfiesExactlyInAnyOrder(
            topics ->
                assertThat(topics)
                    .contains("are the same topic: t")
                    .contains("topics.retries is not ascending"),
            s3 -> assertThat(s3).contains("images.s3.secret_access_key belong together"),
            models -> assertThat(models).contains("models.preferred_batch_size 8 is more than"));
    assertThat(Loading.problemsOf("topics.requests=a,a"))
        .singleElement()
        .asString()
        .contains("names a topic twice");
    assertThat(Loading.problemsOf("topics.requests=a", "topics.dead_letters=a"))
        .singleElement()
        .asString()
        .contains("the worker would read what it writes");
    assertThat(Loading.problemsOf("in_flight.max_bytes=1MiB"))
        .singleElement()
        .asString()
        .contains("in_flight.max_bytes (1048576 bytes) is less than one image");
  }

  @Test
  void clientSettingsPassThroughUntouched() {
    Path file =
        Loading.write(
            folder.resolve("worker.yaml"),
            """
            kafka:
              properties:
                security.protocol: SASL_SSL
                sasl.jaas.config: 'a.b.Module required username="u" password="${p}";'
                ssl: { endpoint.identification.algorithm: "" }
              consumer: { max.poll.records: 0200, "isolation.level": read_committed }
              producer:
            """);

    WorkerConfiguration.Kafka kafka =
        Loading.valid(
                new ConfigurationSources(
                    List.of(file),
                    Map.of("SLUICE_KAFKA_PRODUCER_LINGER_MS", "7"),
                    List.of("kafka.consumer.fetch.min.bytes=1", "kafka.properties.a_b=c=d"),
                    "w"))
            .kafka();

    assertThat(kafka.properties())
        .containsOnly(
            Map.entry("security.protocol", "SASL_SSL"),
            Map.entry("sasl.jaas.config", "a.b.Module required username=\"u\" password=\"${p}\";"),
            Map.entry("ssl.endpoint.identification.algorithm", ""),
            Map.entry("a_b", "c=d"));
    assertThat(kafka.consumer())
        .containsOnly(
            Map.entry("max.poll.records", "0200"),
            Map.entry("isolation.level", "read_committed"),
            Map.entry("fetch.min.bytes", "1"));
    assertThat(kafka.producer()).containsOnly(Map.entry("linger.ms", "7"));
  }

  @Test
  void secretsAreNeverPrinted() {
    WorkerConfiguration configured =
        Loading.withOverrides(
            "images.s3.access_key_id=AKIA",
            "images.s3.secret_access_key=hush",
            "kafka.schema_registry_url=https://user:hush@registry",
            "kafka.properties.ssl.keystore.password=hush",
            "kafka.producer.sasl.jaas.config=hush");

    assertThat(configured.toString())
        .doesNotContain("hush")
        .contains("AKIA", "ssl.keystore.password", "sasl.jaas.config", "registry");
    assertThat(
            Loading.problemsOf(
                "kafka.schema_registry_url=ftp://user:hush@registry",
                "images.s3.secret_access_key:hush",
                "images.s3.secret_access_key=hush"))
        .hasSize(2)
        .noneMatch(problem -> problem.contains("hush"));
  }

  @Test
  void aWorkerStartsInAShellThatIsSetUpForTheCommandLine() {
    Map<String, String> environment =
        Map.of("SLUICE_KAFKA_COMMAND_CONFIG", "client.properties", "SLUICE_JAVA_HOME", "/opt/jdk");

    assertThat(
            Loading.valid(new ConfigurationSources(List.of(), environment, List.of(), "w")).http())
        .isEqualTo(new Http("0.0.0.0", 8080));
  }

  @Test
  void whatKubernetesSetsForAServiceOfOurNameIsNotOurs() {
    Map<String, String> environment =
        Map.of(
            "SLUICE_SERVICE_HOST", "10.0.0.1",
            "SLUICE_SERVICE_PORT", "8080",
            "SLUICE_SERVICE_PORT_HTTP", "8080",
            "SLUICE_PORT", "tcp://10.0.0.1:8080",
            "SLUICE_PORT_8080_TCP", "tcp://10.0.0.1:8080",
            "SLUICE_WORKER_PORT_8080_TCP_ADDR", "10.0.0.1",
            "SLUICE_LOG_LEVEL", "DEBUG");

    assertThat(
            Loading.valid(new ConfigurationSources(List.of(), environment, List.of(), "w")).http())
        .isEqualTo(new Http("0.0.0.0", 8080));
  }

  @Test
  void theLoggingVariablesAreChecked() {
    assertThat(
            Loading.problems(
                new ConfigurationSources(
                    List.of(),
                    Map.of("SLUICE_LOG_LEVEL", "loud", "SLUICE_LOG_FORMAT", "xml"),
                    List.of(),
                    "w")))
        .containsExactly(
            "environment variable SLUICE_LOG_FORMAT: 'xml' is not one of json, text",
            "environment variable SLUICE_LOG_LEVEL: 'loud' is not one of DEBUG, ERROR, INFO, TRACE,"
                + " WARN");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# only a comment\n", "images:\nkafka: {}\n", "http: { port: }"})
  void nothingAtAllIsFine(String yaml) {
    Path file = Loading.write(folder.resolve("worker.yaml"), yaml);

    assertThat(Loading.valid(Loading.file(file))).isEqualTo(Loading.withOverrides());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http: { port: 1 | :1 is not YAML",
        "- a | :1 is not a mapping",
        "justtext | :1 is not a mapping",
        "? [a] : b | :1: a key is plain text",
        "http: {port: 1, port: 2} | is there twice",
        "images: &a {timeout: 1s, s3: *a} | not"
      })
  void whatIsNotYamlIsRefusedWithItsLine(String yaml, String message) {
    Path file = Loading.write(folder.resolve("worker.yaml"), yaml);

    assertThat(Loading.problems(Loading.file(file)))
        .anySatisfy(problem -> assertThat(problem).contains(message));
  }

  @Test
  void aMissingFileIsAProblemAmongOthers() {
    assertThat(
            Loading.problems(
                new ConfigurationSources(
                    List.of(folder.resolve("none.yaml")), Map.of(), List.of("http.port=x"), "w")))
        .hasSize(2)
        .anySatisfy(problem ->
            assertThat(problem).startsWith("there is no configuration file").endsWith("none.yaml"));
  }
}
