package dev.sluice.tools.topics;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** What the brokers know about topics. Used by one thread; every call waits for the brokers. */
final class TopicCatalog {

  private final Admin admin;

  /**
   * @param admin the caller's; not closed here
   */
  TopicCatalog(Admin admin) {
    this.admin = admin;
  }

  /** How many brokers there are. */
  int brokers() throws ExecutionException, InterruptedException {
    return admin.describeCluster().nodes().get().size();
  }

  /** Those of {@code names} that exist, by name. */
  Map<String, ExistingTopic> existing(Collection<String> names)
      throws ExecutionException, InterruptedException {
    Set<String> present = new HashSet<>(names);
    present.retainAll(admin.listTopics().names().get());
    Map<String, TopicDescription> descriptions =
        admin.describeTopics(present).allTopicNames().get();
    Map<ConfigResource, Config> settings =
        admin
            .describeConfigs(
                present.stream()
                    .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                    .toList())
            .all()
            .get();
    Map<String, ExistingTopic> existing = new HashMap<>();
    settings.forEach((resource, config) -> {
      TopicDescription description = descriptions.get(resource.name());
      if (description != null) {
        existing.put(resource.name(), topic(description, config));
      }
    });
    return existing;
  }

  /**
   * How many offsets lie between the first record kept and the last, over all partitions, by topic.
   */
  Map<String, Long> records(Collection<ExistingTopic> topics)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, ListOffsetsResultInfo> first = offsets(topics, OffsetSpec.earliest());
    Map<TopicPartition, ListOffsetsResultInfo> end = offsets(topics, OffsetSpec.latest());
    Map<String, Long> records = new HashMap<>();
    end.forEach((partition, last) -> {
      ListOffsetsResultInfo start = first.get(partition);
      long count = start == null ? 0 : last.offset() - start.offset();
      records.merge(partition.topic(), count, Long::sum);
    });
    return records;
  }

  private Map<TopicPartition, ListOffsetsResultInfo> offsets(
      Collection<ExistingTopic> topics, OffsetSpec which)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    for (ExistingTopic topic : topics) {
      for (int partition = 0; partition < topic.partitions(); partition++) {
        wanted.put(new TopicPartition(topic.name(), partition), which);
      }
    }
    return admin.listOffsets(wanted).all().get();
  }

  private static ExistingTopic topic(TopicDescription description, Config config) {
    List<Integer> copies =
        description.partitions().stream().map(partition -> partition.replicas().size()).toList();
    long behind =
        description.partitions().stream()
            .filter(partition -> partition.isr().size() < partition.replicas().size())
            .count();
    Map<String, String> settings =
        config.entries().stream()
            .filter(entry -> entry.value() != null)
            .collect(Collectors.toMap(entry -> entry.name(), entry -> entry.value()));
    return new ExistingTopic(
        description.name(),
        description.partitions().size(),
        copies.stream().mapToInt(Integer::intValue).min().orElse(0),
        (int) behind,
        settings);
  }
}
