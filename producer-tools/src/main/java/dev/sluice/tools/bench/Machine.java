package dev.sluice.tools.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the figures come from.
 *
 * @param loadAverage of the last minute before the run; much above 0 means that others were working
 */
record Machine(
    int cores,
    String processor,
    double memoryGib,
    String operatingSystem,
    String jdk,
    double loadAverage) {
  private static final double GIB = 1L << 30;

  static Machine now() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new Machine(
        system.getAvailableProcessors(),
        processorName(),
        Math.round(system.getTotalMemorySize() / GIB * 10) / 10.0,
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"),
        System.getProperty("java.vendor") + " " + System.getProperty("java.runtime.version"),
        system.getSystemLoadAverage());
  }

  private static String processorName() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown"; // Not Linux, or not allowed: then nobody knows.
    }
  }

  String text() {
    return String.format(
        java.util.Locale.ROOT,
        "%d cores (%s), %.1f GiB, %s, %s, load average %.2f before the run",
        cores,
        processor,
        memoryGib,
        operatingSystem,
        jdk,
        loadAverage);
  }
}
