package dev.sluice.devstack;

import com.github.dockerjava.api.DockerClient;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import org.testcontainers.containers.GenericContainer;

/** A server in a container; started again, it is the same container with the same data. */
final class ContainerServer implements Server {
  private static final int STOP_SECONDS = 30;
  private static final int TAIL_LINES = 40;

  private final String name;
  private final Runnable atExit = this::close;

  @GuardedBy("this")
  private final GenericContainer<?> container;

  @GuardedBy("this")
  private boolean created;

  ContainerServer(String name, GenericContainer<?> container) {
    this.name = name;
    this.container = container;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public synchronized void start() {
    if (!created) {
      AtExit.register(atExit);
      container.start();
      created = true;
    } else if (!isAlive()) {
      docker().startContainerCmd(container.getContainerId()).exec();
    }
  }

  @Override
  public synchronized void stop() {
    if (isAlive()) {
      docker().stopContainerCmd(container.getContainerId()).withTimeout(STOP_SECONDS).exec();
    }
  }

  @Override
  public synchronized void kill() {
    if (isAlive()) {
      docker().killContainerCmd(container.getContainerId()).exec();
    }
  }

  @Override
  public synchronized boolean isAlive() {
    return created
        && Boolean.TRUE.equals(
            docker()
                .inspectContainerCmd(container.getContainerId())
                .exec()
                .getState()
                .getRunning());
  }

  @Override
  public synchronized String logTail() {
    if (!created) {
      return "";
    }
    var lines = container.getLogs().lines().toList();
    return String.join(
        System.lineSeparator(),
        lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
  }

  @Override
  public synchronized void close() {
    if (created) {
      container.stop(); // Testcontainers' word for killing and removing it.
      created = false;
    }
    AtExit.remove(atExit);
  }

  @GuardedBy("this")
  private DockerClient docker() {
    return container.getDockerClient();
  }
}
