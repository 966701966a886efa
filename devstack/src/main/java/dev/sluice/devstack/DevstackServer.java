package dev.sluice.devstack;

/** One of the servers that {@link Devstack} can start. */
public sealed interface DevstackServer extends AutoCloseable
    permits KafkaCluster, SchemaRegistry, ObjectStore, ImageServer {
  /** What a client is given to find it. */
  String address();

  /** Ends it at once and deletes its data; a second call does nothing. */
  @Override
  void close();
}
