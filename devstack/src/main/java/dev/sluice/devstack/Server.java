package dev.sluice.devstack;

/**
 * One server that runs outside this JVM: a process or a container. Its addresses and its data stay
 * the same from {@link #close} back to the first {@link #start}. Safe for any thread.
 */
interface Server extends AutoCloseable {
  /** How messages name it, for example {@code kafka-1}. */
  String name();

  /** Launches it and returns before it answers. Does nothing when it runs. */
  void start();

  /** Asks it to end in order and waits; after a limit it is killed. */
  void stop();

  /** Ends it at once, as SIGKILL does, and waits until it is gone. */
  void kill();

  boolean isAlive();

  /** The last lines that it logged. */
  String logTail();

  /** Ends it and removes what it held. */
  @Override
  void close();
}
