package dev.sluice.tools.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Processor time that the compilers of JVMs have spent so far, from /proc: most of it in a
 * process's first minutes, and none of it in those that a process lives for.
 */
final class CompilerTime {
  /** What Linux shows of a thread called "C2 CompilerThread0", and its times in clock ticks. */
  private static final Pattern STAT =
      Pattern.compile(
          "\\d+ \\(C[12] CompilerThre\\) \\S(?: \\S+){10} (\\d+) (\\d+) .*", Pattern.DOTALL);

  private CompilerTime() {}

  /**
   * In seconds.
   *
   * @param processes their ids
   */
  static double seconds(List<Long> processes) {
    return processes.stream().mapToDouble(CompilerTime::seconds).sum();
  }

  private static double seconds(long process) {
    Path tasks = Path.of("/proc", String.valueOf(process), "task");
    try (Stream<Path> threads = Files.list(tasks)) {
      return threads.mapToLong(CompilerTime::ticks).sum() / Usage.TICKS_PER_SECOND;
    } catch (NoSuchFileException e) {
      return 0; // It has ended meanwhile.
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + tasks, e);
    }
  }

  private static long ticks(Path thread) {
    try {
      Matcher stat =
          STAT.matcher(Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1));
      return stat.matches() ? Long.parseLong(stat.group(1)) + Long.parseLong(stat.group(2)) : 0;
    } catch (NoSuchFileException e) {
      return 0; // It has ended meanwhile.
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + thread, e);
    }
  }
}
