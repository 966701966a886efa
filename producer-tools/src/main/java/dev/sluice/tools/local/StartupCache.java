package dev.sluice.tools.local;

import dev.sluice.devstack.Assets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The AOT cache from which {@code ./sluice worker} starts, where the launcher's build left one. */
public final class StartupCache {
  private StartupCache() {}

  /** Where it is. */
  public static Path path() {
    return Assets.home().resolve("producer-tools/target/worker.aot");
  }

  /** Whether it is there: a build without the launcher makes none. */
  public static boolean exists() {
    return Files.exists(path());
  }

  /** The options of a worker's JVM that has these, and starts as {@code ./sluice worker} does. */
  public static List<String> asLaunched(List<String> jvmOptions) {
    List<String> options = new ArrayList<>(jvmOptions);
    if (exists()) {
      options.add("-XX:AOTCache=" + path());
    }
    return options;
  }
}
