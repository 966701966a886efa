package dev.sluice.tools.soak;

/** What can be done to the system. The weight says how often one comes among the others. */
enum FaultKind {
  /** SIGKILL, and a new process after a while. */
  WORKER_KILLED("worker killed (SIGKILL)", 4),
  /** SIGTERM: it drains and leaves; a new process after a while. */
  WORKER_TERMINATED("worker terminated (SIGTERM)", 3),
  /** SIGSTOP, and SIGCONT after a while: it does not know that time has passed. */
  WORKER_STOPPED("worker stopped (SIGSTOP)", 4),
  /** One more worker for a while, which then is told to leave. */
  WORKER_ADDED("worker added and removed", 2),
  /** A broker is stopped in order and started again. */
  BROKER_RESTARTED("broker restarted", 1),
  /** A broker is killed and started again. */
  BROKER_KILLED("broker killed", 2),
  /** The registry refuses connections, or takes them and says nothing. */
  REGISTRY_OUTAGE("registry outage", 2),
  /** The image server answers late. */
  STORE_SLOW("image store slow", 1),
  /** The image server answers nobody. */
  STORE_OUTAGE("image store outage", 2),
  /** Each call of a worker's device takes longer. */
  DEVICE_SLOW("device slow", 2),
  /** A worker's device runs out of memory with more than a few images. */
  DEVICE_OUT_OF_MEMORY("device out of memory", 1),
  /** A call of a worker's device hangs for a while. */
  DEVICE_WEDGED("device wedged", 1),
  /** A call of a worker's device fails. */
  DEVICE_ERROR("device error", 1),
  /** A worker's device is gone until its process is another one. */
  DEVICE_GONE("device gone", 1);

  private final String title;
  private final int weight;

  FaultKind(String title, int weight) {
    this.title = title;
    this.weight = weight;
  }

  /** How people call it. */
  String title() {
    return title;
  }

  int weight() {
    return weight;
  }
}
