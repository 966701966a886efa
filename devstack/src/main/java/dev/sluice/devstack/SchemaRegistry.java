package dev.sluice.devstack;

/**
 * A real schema registry (Apicurio) that speaks the Confluent API, a process of its own that can be
 * stopped, killed and started again on the same port. Listens on the loopback address only.
 *
 * <p>It keeps its schemas in memory, as its distribution does unless it is given a database: a
 * registry that was started again is empty, and gives out ids from the beginning.
 *
 * <p>Safe for any thread. Methods block until what they name has happened; they throw {@link
 * ServerException} with the end of the server's log when it does not.
 */
public final class SchemaRegistry implements DevstackServer {
  private final Scratch scratch;
  private final Server server;
  private final int port;

  private SchemaRegistry(Scratch scratch, Server server, int port) {
    this.scratch = scratch;
    this.server = server;
    this.port = port;
  }

  /** Starts a registry on any free port and waits until it answers. */
  public static SchemaRegistry launch() {
    return launch(0);
  }

  /**
   * Starts a registry and waits until it answers.
   *
   * @param port used when it is free; 0: any free port
   */
  public static SchemaRegistry launch(int port) {
    Scratch scratch = Scratch.create("registry");
    int chosen = Ports.preferring(port);
    Server server = Launcher.current().schemaRegistry(chosen, scratch.folder());
    SchemaRegistry registry = new SchemaRegistry(scratch, server, chosen);
    try {
      registry.start();
      return registry;
    } catch (RuntimeException e) {
      registry.close();
      throw e;
    }
  }

  /** The value of {@code schema.registry.url}. */
  public String url() {
    return "http://127.0.0.1:%d/apis/ccompat/v7".formatted(port);
  }

  /** Starts it after {@link #stop} or {@link #kill}; it is empty then. */
  public void start() {
    server.start();
    Readiness.await(
        server, () -> Readiness.accepts(port) && Http.status(url() + "/subjects") == 200);
  }

  /** Stops it in order. */
  public void stop() {
    server.stop();
  }

  /** Kills it, as SIGKILL does. */
  public void kill() {
    server.kill();
  }

  /** Whether its process is there. */
  public boolean isRunning() {
    return server.isAlive();
  }

  /** The last lines that it logged. */
  public String logTail() {
    return server.logTail();
  }

  /** As {@link #url}. */
  @Override
  public String address() {
    return url();
  }

  /** Kills it and deletes what it held. */
  @Override
  public void close() {
    server.close();
    scratch.close();
  }
}
