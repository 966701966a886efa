package dev.sluice.tools;

import io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClientConfig;
import io.confluent.kafka.serializers.AbstractKafkaSchemaSerDeConfig;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Option;

/**
 * A mixin for commands that talk to Kafka or to the schema registry: where they are and how to log
 * in. What is said on the command line or by environment wins over {@code --property}, and that
 * over {@code --command-config}.
 */
public final class KafkaOptions {

  private static final String DEFAULT_BOOTSTRAP_SERVERS = "localhost:9092";
  private static final String DEFAULT_SCHEMA_REGISTRY = "http://localhost:8081";

  /**
   * How many schemas one command may meet; ours has two subjects, a hostile topic may name any
   * number of ids.
   */
  private static final int CACHED_SCHEMAS = 1000;

  /**
   * Somebody sits in front of the screen: a missing broker is told within seconds, not after the
   * clients' minute.
   */
  private static final Map<String, String> INTERACTIVE =
      Map.of(
          CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, "15000",
          CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, "10000");

  private static final Map<String, Object> INTERACTIVE_REGISTRY =
      Map.of(
          SchemaRegistryClientConfig.HTTP_CONNECT_TIMEOUT_MS, 5_000,
          SchemaRegistryClientConfig.HTTP_READ_TIMEOUT_MS, 10_000,
          SchemaRegistryClientConfig.MISSING_ID_CACHE_TTL_CONFIG, 60L);

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT[,...]",
      defaultValue = "${env:SLUICE_KAFKA_BOOTSTRAP_SERVERS:-}",
      description =
          "Kafka brokers to start from (default: "
              + DEFAULT_BOOTSTRAP_SERVERS
              + "; environment: SLUICE_KAFKA_BOOTSTRAP_SERVERS).")
  private String bootstrapServers = "";

  @Option(
      names = "--schema-registry",
      paramLabel = "URL",
      defaultValue = "${env:SLUICE_KAFKA_SCHEMA_REGISTRY_URL:-}",
      description =
          "Confluent schema registry or one that speaks its API (default: "
              + DEFAULT_SCHEMA_REGISTRY
              + "; environment: SLUICE_KAFKA_SCHEMA_REGISTRY_URL).")
  private String schemaRegistry = "";

  @Option(
      names = "--property",
      paramLabel = "KEY=VALUE",
      description =
          "A setting handed to the Kafka and registry clients as it is, such as"
              + " security.protocol=SSL. Repeatable.")
  private Map<String, String> properties = new HashMap<>();

  @Option(
      names = "--command-config",
      paramLabel = "FILE",
      defaultValue = "${env:SLUICE_KAFKA_COMMAND_CONFIG:-}",
      description =
          "A properties file of such settings, the place for passwords (environment:"
              + " SLUICE_KAFKA_COMMAND_CONFIG).")
  private String commandConfig = "";

  /**
   * Settings for any Kafka client, {@code bootstrap.servers} among them, without serializers.
   *
   * @throws CommandException if the {@code --command-config} file cannot be read
   */
  public Map<String, Object> clientProperties() {
    Map<String, Object> merged = new HashMap<>(INTERACTIVE);
    merged.putAll(passedThrough());
    merged.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers());
    return merged;
  }

  /**
   * Settings for {@code KafkaAvroSerializer} and {@code KafkaAvroDeserializer}: {@code
   * schema.registry.url} and what was passed through.
   *
   * @throws CommandException if the {@code --command-config} file cannot be read
   */
  public Map<String, Object> registryProperties() {
    Map<String, Object> merged = new HashMap<>(INTERACTIVE_REGISTRY);
    merged.putAll(passedThrough());
    merged.put(AbstractKafkaSchemaSerDeConfig.SCHEMA_REGISTRY_URL_CONFIG, schemaRegistry());
    return merged;
  }

  /**
   * A client that asks Kafka about its topics and groups. The caller closes it.
   *
   * @throws CommandException if the {@code --command-config} file cannot be read
   */
  public Admin admin() {
    return Admin.create(clientProperties());
  }

  /**
   * A client of the schema registry. The caller closes it.
   *
   * @throws CommandException if the {@code --command-config} file cannot be read
   */
  public SchemaRegistryClient registry() {
    return new CachedSchemaRegistryClient(
        List.of(schemaRegistry().split(",")),
        CACHED_SCHEMAS,
        List.of(new AvroSchemaProvider()),
        registryProperties());
  }

  /** Where Kafka is, as {@code host:port[,...]}. */
  public String bootstrapServers() {
    return chosen(
        bootstrapServers, CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, DEFAULT_BOOTSTRAP_SERVERS);
  }

  /** Where the schema registry is. */
  public String schemaRegistry() {
    return chosen(
        schemaRegistry,
        AbstractKafkaSchemaSerDeConfig.SCHEMA_REGISTRY_URL_CONFIG,
        DEFAULT_SCHEMA_REGISTRY);
  }

  private String chosen(String option, String key, String otherwise) {
    return option.isBlank() ? passedThrough().getOrDefault(key, otherwise) : option;
  }

  private Map<String, String> passedThrough() {
    Map<String, String> merged = new HashMap<>();
    if (!commandConfig.isBlank()) {
      Properties file = read(Path.of(commandConfig));
      file.stringPropertyNames().forEach(key -> merged.put(key, file.getProperty(key)));
    }
    merged.putAll(properties);
    return merged;
  }

  private static Properties read(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw CommandException.usage(
          "--command-config %s cannot be read (%s). Name a readable properties file in UTF-8."
              .formatted(file, e),
          e);
    }
    return properties;
  }
}
