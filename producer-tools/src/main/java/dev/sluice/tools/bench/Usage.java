package dev.sluice.tools.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/**
 * Processor time that the processes of a run have spent so far, from /proc, by what they do. Where
 * all of them share few cores, this says whose time it was.
 *
 * @param seconds by part
 */
record Usage(Map<Part, Double> seconds) {
  /** What clock ticks of /proc are, by Linux's ABI towards programs. */
  static final double TICKS_PER_SECOND = 100;

  /** What a process of the run does. */
  enum Part {
    WORKERS("dev.sluice.worker.Main"),
    /** What a worker is compared with. */
    BARE_LOOP("dev.sluice.worker.BareLoop"),
    /** What a worker is compared with in the scenario {@link Records}. */
    BARE("dev.sluice.tools.bench.BareRecordsMain"),
    BROKER("dev.sluice.devstack.broker.BrokerMain"),
    REGISTRY("io.quarkus.bootstrap.runner.QuarkusEntryPoint"),
    /** The image server. */
    IMAGES("dev.sluice.tools.bench.ImageStoreMain"),
    /** This process: sends requests and looks at results. */
    DRIVER("");

    private final String mainClass;

    Part(String mainClass) {
      this.mainClass = mainClass;
    }

    private static Part of(String commandLine) {
      for (Part part : values()) {
        if (!part.mainClass.isEmpty() && commandLine.contains(part.mainClass)) {
          return part;
        }
      }
      return DRIVER;
    }
  }

  Usage {
    seconds = Map.copyOf(seconds);
  }

  /** Of this process and of those that it has started. */
  static Usage now() {
    Map<Part, Double> seconds = new EnumMap<>(Part.class);
    seconds.merge(Part.DRIVER, seconds(ProcessHandle.current().pid()), Double::sum);
    ProcessHandle.current()
        .descendants()
        .forEach(process -> {
          try {
            seconds.merge(Part.of(commandLine(process.pid())), seconds(process.pid()), Double::sum);
          } catch (UncheckedIOException e) {
            // It has ended meanwhile.
          }
        });
    return new Usage(seconds);
  }

  /** What was spent since an earlier moment. */
  Usage since(Usage before) {
    Map<Part, Double> spent = new EnumMap<>(Part.class);
    seconds.forEach(
        (part, now) -> spent.put(part, Math.max(0, now - before.seconds.getOrDefault(part, 0.0))));
    return new Usage(spent);
  }

  double of(Part part) {
    return seconds.getOrDefault(part, 0.0);
  }

  double all() {
    return seconds.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  private static double seconds(long pid) {
    String stat = read(pid, "stat");
    // The program's name, in parentheses, may hold anything.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  private static String commandLine(long pid) {
    return read(pid, "cmdline").replace('\0', ' ');
  }

  private static String read(long pid, String file) {
    Path path = Path.of("/proc", String.valueOf(pid), file);
    try {
      return new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }
}
