package dev.sluice.devstack;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;

/**
 * Who is in a cluster, and the settings that all its nodes share.
 *
 * @param clusterId a Kafka UUID
 * @param ports what clients connect to on the loopback address, node 1 first
 * @param controllerPorts what local processes use among themselves, node 1 first
 * @param tuning what the brokers' JVMs are good at
 * @param brokers settings that win over those here
 */
record KafkaQuorum(
    String clusterId,
    List<Integer> ports,
    List<Integer> controllerPorts,
    KafkaSettings.Tuning tuning,
    Map<String, String> brokers) {
  KafkaQuorum {
    ports = List.copyOf(ports);
    controllerPorts = List.copyOf(controllerPorts);
    brokers = Map.copyOf(brokers);
  }

  static KafkaQuorum of(KafkaSettings settings) {
    SequencedSet<Integer> ports = new LinkedHashSet<>();
    ports.add(Ports.preferring(settings.port()));
    while (ports.size() < 2 * settings.nodes()) {
      ports.add(Ports.free());
    }
    List<Integer> distinct = List.copyOf(ports);
    return new KafkaQuorum(
        Uuid.randomUuid().toString(),
        distinct.subList(0, settings.nodes()),
        distinct.subList(settings.nodes(), 2 * settings.nodes()),
        settings.tuning(),
        settings.brokers());
  }

  int size() {
    return ports.size();
  }

  int port(int node) {
    return ports.get(node - 1);
  }

  int controllerPort(int node) {
    return controllerPorts.get(node - 1);
  }

  /** The value of {@code controller.quorum.voters}, given each node's controller address. */
  String voters(IntFunction<String> address) {
    return IntStream.rangeClosed(1, size())
        .mapToObj(node -> node + "@" + address.apply(node))
        .collect(Collectors.joining(","));
  }

  /** All of a node's settings but its listeners, voters and folders. */
  Map<String, String> settings(int node) {
    String replicas = Integer.toString(size());
    String inSync = size() == 1 ? "1" : "2";
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("node.id", Integer.toString(node));
    settings.put("process.roles", "broker,controller");
    settings.put("controller.listener.names", "CONTROLLER");
    // As in a production cluster: topics exist because somebody created them.
    settings.put("auto.create.topics.enable", "false");
    settings.put("default.replication.factor", replicas);
    settings.put("min.insync.replicas", inSync);
    for (String internal :
        List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
      settings.put(internal + ".replication.factor", replicas);
      // 50 by default: creating them is most of the wait of the first consumer.
      settings.put(internal + ".num.partitions", "4");
    }
    settings.put("transaction.state.log.min.isr", inSync);
    settings.put("share.coordinator.state.topic.min.isr", inSync);
    settings.put("group.initial.rebalance.delay.ms", "0");
    // A killed member or node is noticed after seconds, not after the best part of a minute.
    settings.put("group.consumer.min.heartbeat.interval.ms", "1000");
    settings.put("group.consumer.heartbeat.interval.ms", "1000");
    settings.put("group.consumer.min.session.timeout.ms", "6000");
    settings.put("group.consumer.session.timeout.ms", "10000");
    settings.put("broker.heartbeat.interval.ms", "500");
    settings.put("broker.session.timeout.ms", "6000");
    settings.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
    // Index files are allocated ahead, 10 MiB each by default, two for each partition.
    settings.put("log.index.size.max.bytes", "1048576");
    settings.putAll(brokers);
    return settings;
  }
}
