package dev.sluice.worker;

import dev.sluice.worker.config.ConfigurationException;
import dev.sluice.worker.config.ConfigurationLoader;
import dev.sluice.worker.config.ConfigurationSources;
import dev.sluice.worker.config.WorkerConfiguration;
import dev.sluice.worker.inference.ModelConfigurationException;
import dev.sluice.worker.kafka.StartupException;
import dev.sluice.worker.model.DeviceException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The worker's process: environment to configuration to {@link Worker}; signals to drain. */
@Command(
    name = "worker",
    description = {
      "Runs a worker in the foreground.",
      "",
      "Configuration comes from the files, then the environment (SLUICE_KAFKA_BOOTSTRAP_SERVERS for"
          + " kafka.bootstrap_servers), then --set; the later wins. docs/configuration.md lists"
          + " every key.",
      "",
      "SIGTERM and Ctrl-C drain: nothing new is taken, what is in flight is finished within"
          + " drain_budget, offsets are committed, the group is left."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:drained after a signal",
      "1:could not start, or could not go on",
      "2:usage or configuration error",
      "3:a device failed; restart me. The partitions have been handed back"
    })
public final class Main implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private static final int DONE = 0;
  private static final int FAILED = 1;
  private static final int MISCONFIGURED = 2;
  private static final int DEVICE_FAILED = 3;

  @Spec private CommandSpec command;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A YAML file. Repeatable; of two that say the same key, the later wins.")
  private List<Path> files = List.of();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "One setting, such as in_flight.max_records=500. Repeatable.")
  private List<String> overrides = List.of();

  /** Runs a worker and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Main()).execute(arguments));
  }

  @Override
  public Integer call() {
    StopRequest stop = StopRequest.interrupting(Thread.currentThread());
    TerminationSignals.onEach(stop::make);
    Worker worker;
    try {
      worker = Worker.start(configuration(), version());
    } catch (ConfigurationException | ModelConfigurationException e) {
      return complain(stop, e, MISCONFIGURED);
    } catch (StartupException | IOException | InterruptedException e) {
      return complain(stop, e, FAILED);
    } catch (DeviceException e) {
      return complain(stop, e, DEVICE_FAILED);
    } catch (RuntimeException e) {
      if (!stop.made().isDone()) {
        throw e;
      }
      return complain(stop, e, FAILED);
    } finally {
      stop.interruptNoMore();
    }
    return drained(worker, stop);
  }

  /** Waits until the worker is to end, and ends it. */
  private static int drained(Worker worker, StopRequest stop) {
    CompletableFuture.anyOf(worker.ended(), stop.made()).join();
    Worker.End end = worker.ended().getNow(Worker.End.STOPPED);
    int code =
        switch (end) {
          case STOPPED -> DONE;
          case FAILED -> FAILED;
          case DEVICE_FAILED -> DEVICE_FAILED;
        };
    if (!worker.stop()) {
      // ONNX Runtime's shutdown hook would free what a lane still uses: that ends the process by
      // SIGSEGV now and then, and a supervisor would not learn of the device.
      Runtime.getRuntime().halt(code);
    }
    return code;
  }

  private WorkerConfiguration configuration() throws ConfigurationException {
    return ConfigurationLoader.load(
        new ConfigurationSources(files, System.getenv(), overrides, hostName()));
  }

  /** What is interrupted while it starts may fail in any way; that is not its failure. */
  private int complain(StopRequest stop, Exception e, int code) {
    LOG.debug("the worker does not start", e);
    if (stop.made().isDone()) {
      LOG.info("stopped while starting");
      return DONE;
    }
    command.commandLine().getErr().println(e.getMessage());
    command.commandLine().getErr().flush();
    return code;
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName() + "-" + ProcessHandle.current().pid();
    } catch (UnknownHostException e) {
      LOG.debug("this host does not know its name", e);
      return "worker-" + ProcessHandle.current().pid();
    }
  }

  private static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
