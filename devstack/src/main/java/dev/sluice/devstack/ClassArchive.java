package dev.sluice.devstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The classes that a program has loaded once, parsed and verified, so that its next start finds
 * them: half of the processor time of starting a broker or a worker. For integration tests, which
 * start many; the JVM itself writes the archive when a program ends in order and there is none that
 * fits its JDK and class path, which keeps it some seconds longer.
 */
final class ClassArchive {
  /** Names the folder of the archives; without it there are none. */
  static final String FOLDER_PROPERTY = "sluice.class.archives";

  private ClassArchive() {}

  /**
   * The options with which a JVM uses its program's archive, and makes it; none where it could not.
   *
   * @param program its main class, which tells one archive from another
   * @param jvmOptions that it has besides
   * @param classPath all of it
   */
  static List<String> options(String program, List<String> jvmOptions, List<Path> classPath) {
    String folder = System.getProperty(FOLDER_PROPERTY, "");
    // Asked for an archive of classes that are not in jars, the JVM ends with an error; asked for
    // an AOT cache besides, it does not start.
    if (folder.isEmpty()
        || !classPath.stream().allMatch(Files::isRegularFile)
        || jvmOptions.stream().anyMatch(option -> option.startsWith("-XX:AOT"))) {
      return List.of();
    }
    try {
      Path archive = Files.createDirectories(Path.of(folder)).resolve(program + ".jsa");
      // What the JVM says of the classes that it cannot keep would stand in the program's own log.
      return List.of(
          "-XX:+AutoCreateSharedArchive",
          "-XX:SharedArchiveFile=" + archive,
          "-Xlog:cds*=off",
          "-Xlog:aot*=off");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the folder of class archives " + folder, e);
    }
  }
}
