package dev.sluice.system;

import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.schemas.ContractClasses;
import dev.sluice.tools.CommandRun;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;

/**
 * Topics, schemas and a consumer group that one test has for itself. Immutable.
 *
 * @param kafka the brokers
 * @param registry the schema registry
 * @param requests topic of the requests
 * @param results topic of the results
 * @param deadLetters topic of the dead letters
 * @param group the workers' consumer group
 */
record Pipeline(
    KafkaCluster kafka,
    SchemaRegistry registry,
    String requests,
    String results,
    String deadLetters,
    String group) {

  /** Creates the topics, the requests' with {@code partitions}, and registers the schemas. */
  static Pipeline create(
      KafkaCluster kafka, SchemaRegistry registry, FreshNames names, int partitions) {
    ContractClasses.trust();
    Pipeline pipeline =
        new Pipeline(
            kafka,
            registry,
            names.of("requests"),
            names.of("results"),
            names.of("dead-letters"),
            names.of("workers"));
    kafka.createTopic(pipeline.requests, partitions);
    kafka.createTopic(pipeline.results, 2);
    kafka.createTopic(pipeline.deadLetters, 1);
    CommandRun registered =
        CommandRun.sluice(
            "schemas",
            "register",
            "--schema-registry=" + registry.url(),
            "--requests-topic=" + pipeline.requests,
            "--results-topic=" + pipeline.results);
    if (registered.exitCode() != 0) {
      throw new AssertionError(registered.err());
    }
    return pipeline;
  }

  /** Changes a setting of one of the topics. */
  void alterTopic(Admin admin, String topic, String setting, String value) {
    alter(admin, new ConfigResource(ConfigResource.Type.TOPIC, topic), setting, value);
  }

  /** Changes a setting of what the brokers keep settings of: topics, groups. */
  void alter(Admin admin, ConfigResource resource, String setting, String value) {
    AlterConfigOp change =
        new AlterConfigOp(new ConfigEntry(setting, value), AlterConfigOp.OpType.SET);
    Fault.done(admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all());
  }

  /** The configuration of a worker on these topics that serves {@code models}. */
  Map<String, String> settings(Models models) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("kafka.bootstrap_servers", kafka.bootstrapServers());
    settings.put("kafka.schema_registry_url", registry.url());
    settings.put("kafka.group_id", group);
    settings.put("topics.requests", requests);
    settings.put("topics.results", results);
    settings.put("topics.dead_letters", deadLetters);
    settings.put("topics.retries", "");
    settings.put("models.repository", models.repository().toString());
    settings.put("models.default", Models.COLORS);
    return settings;
  }
}
