package dev.sluice.tools.soak;

import java.time.Duration;

/**
 * Something that is done to the system and undone after a while. Immutable.
 *
 * <p>Two faults with the same {@link #subject} never overlap.
 */
sealed interface Fault {
  FaultKind kind();

  /** How long it lasts before it begins to be undone. */
  Duration lasts();

  /** What it happens to. */
  String subject();

  /**
   * A worker gets SIGKILL.
   *
   * @param worker its number, from 1
   */
  record KillWorker(int worker, Duration lasts) implements Fault {
    @Override
    public FaultKind kind() {
      return FaultKind.WORKER_KILLED;
    }

    @Override
    public String subject() {
      return workerName(worker);
    }
  }

  /** A worker gets SIGTERM. */
  record TerminateWorker(int worker, Duration lasts) implements Fault {
    @Override
    public FaultKind kind() {
      return FaultKind.WORKER_TERMINATED;
    }

    @Override
    public String subject() {
      return workerName(worker);
    }
  }

  /** A worker gets SIGSTOP. */
  record StopWorker(int worker, Duration lasts) implements Fault {
    @Override
    public FaultKind kind() {
      return FaultKind.WORKER_STOPPED;
    }

    @Override
    public String subject() {
      return workerName(worker);
    }
  }

  /** A worker beyond the usual ones comes, and goes. */
  record AddWorker(int worker, Duration lasts) implements Fault {
    @Override
    public FaultKind kind() {
      return FaultKind.WORKER_ADDED;
    }

    @Override
    public String subject() {
      return workerName(worker);
    }
  }

  /**
   * A broker is stopped in order. At most one broker is away at any time: with a replication factor
   * of 3 two copies remain, which is what {@code min.insync.replicas} asks for.
   *
   * @param node its number, from 1
   */
  record RestartBroker(int node, Duration lasts) implements Fault {
    @Override
    public FaultKind kind() {
      return FaultKind.BROKER_RESTARTED;
    }

    @Override
    public String subject() {
      return BROKERS;
    }
  }

  /** A broker is killed. */
  record KillBroker(int node, Duration lasts) implements Fault {
    @Override
    public FaultKind kind() {
      return FaultKind.BROKER_KILLED;
    }

    @Override
    public String subject() {
      return BROKERS;
    }
  }

  /** Nobody can talk to the registry. */
  record RegistryOutage(Silence silence, Duration lasts) implements Fault {
    @Override
    public FaultKind kind() {
      return FaultKind.REGISTRY_OUTAGE;
    }

    @Override
    public String subject() {
      return "registry";
    }
  }

  /**
   * The image server is slow.
   *
   * @param delay of each answer
   */
  record SlowStore(Duration delay, Duration lasts) implements Fault {
    @Override
    public FaultKind kind() {
      return FaultKind.STORE_SLOW;
    }

    @Override
    public String subject() {
      return STORE;
    }
  }

  /** The image server gives nobody an image. */
  record StoreOutage(StoreAnswer answer, Duration lasts) implements Fault {
    @Override
    public FaultKind kind() {
      return FaultKind.STORE_OUTAGE;
    }

    @Override
    public String subject() {
      return STORE;
    }
  }

  /**
   * Each call takes longer.
   *
   * @param slower by how much
   */
  record SlowDevice(int worker, Duration slower, Duration lasts) implements Fault {
    @Override
    public FaultKind kind() {
      return FaultKind.DEVICE_SLOW;
    }

    @Override
    public String subject() {
      return deviceOf(worker);
    }
  }

  /** Calls with more images run out of memory. */
  record DeviceOutOfMemory(int worker, int maxBatch, Duration lasts) implements Fault {
    @Override
    public FaultKind kind() {
      return FaultKind.DEVICE_OUT_OF_MEMORY;
    }

    @Override
    public String subject() {
      return deviceOf(worker);
    }
  }

  /** One call hangs for so long. */
  record WedgedDevice(int worker, Duration lasts) implements Fault {
    @Override
    public FaultKind kind() {
      return FaultKind.DEVICE_WEDGED;
    }

    @Override
    public String subject() {
      return deviceOf(worker);
    }
  }

  /** One call fails. */
  record FailingDevice(int worker, Duration lasts) implements Fault {
    @Override
    public FaultKind kind() {
      return FaultKind.DEVICE_ERROR;
    }

    @Override
    public String subject() {
      return deviceOf(worker);
    }
  }

  /** Every call fails, for as long as the process is there. */
  record GoneDevice(int worker, Duration lasts) implements Fault {
    @Override
    public FaultKind kind() {
      return FaultKind.DEVICE_GONE;
    }

    @Override
    public String subject() {
      return deviceOf(worker);
    }
  }

  /** How a server is away. */
  enum Silence {
    /** Connections are refused. */
    REFUSED,
    /** Connections are taken, and nothing is said. */
    HANGS
  }

  /** What an image server that is down does with a request. */
  enum StoreAnswer {
    /** Status 503. */
    UNAVAILABLE,
    /** Resets the connection. */
    RESETS,
    /** Says nothing. */
    HANGS
  }

  /** The subject of all faults of brokers. */
  String BROKERS = "brokers";

  /** The subject of all faults of the image server. */
  String STORE = "image store";

  /** The subject of a worker's device. */
  static String deviceOf(int worker) {
    return "device of " + workerName(worker);
  }

  /** The {@code worker_id} of worker {@code number}, which counts from 1. */
  static String workerName(int number) {
    return "worker-" + number;
  }
}
