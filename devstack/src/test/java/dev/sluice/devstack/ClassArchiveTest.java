package dev.sluice.devstack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassArchiveTest {
  private static final String PROGRAM = Program.class.getName();

  @TempDir Path folder;

  private String before = "";

  @BeforeEach
  void keepArchivesHere() {
    before = System.getProperty(ClassArchive.FOLDER_PROPERTY, "");
    System.setProperty(ClassArchive.FOLDER_PROPERTY, folder.resolve("archives").toString());
  }

  @AfterEach
  void keepThemWhereTheyWere() {
    System.setProperty(ClassArchive.FOLDER_PROPERTY, before);
  }

  @Test
  void whatAProgramLoadedIsFoundByItsNextStart() throws Exception {
    Path jar = jar();
    List<String> options = ClassArchive.options(PROGRAM, List.of(), List.of(jar));

    assertThat(run(options, jar)).contains("it runs").doesNotContain("shared objects file (top)");
    assertThat(folder.resolve("archives").resolve(PROGRAM + ".jsa")).isNotEmptyFile();
    assertThat(run(options, jar))
        .contains("it runs")
        .containsPattern(PROGRAM.replace("$", "\\$") + " source: shared objects file \\(top\\)");
  }

  @Test
  void isNotAskedForWhereTheJvmWouldRefuse() {
    Path jar = Path.of("some.jar");
    assertThat(ClassArchive.options(PROGRAM, List.of(), List.of(folder))).isEmpty();
    assertThat(ClassArchive.options(PROGRAM, List.of(), List.of(jar))).isEmpty();
    System.setProperty(ClassArchive.FOLDER_PROPERTY, "");
    assertThat(ClassArchive.options(PROGRAM, List.of(), List.of())).isEmpty();
  }

  @Test
  void anAotCacheTakesItsPlace() {
    assertThat(ClassArchive.options(PROGRAM, List.of("-XX:AOTCache=some.aot"), List.of()))
        .isEmpty();
    assertThat(ClassArchive.options(PROGRAM, List.of("-Xmx1g"), List.of())).isNotEmpty();
  }

  private Path jar() throws IOException {
    Path jar = folder.resolve("program.jar");
    String entry = PROGRAM.replace('.', '/') + ".class";
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        var bytes =
            Objects.requireNonNull(ClassLoader.getSystemResourceAsStream(entry), "no class")) {
      out.putNextEntry(new JarEntry(entry));
      bytes.transferTo(out);
    }
    return jar;
  }

  private static String run(List<String> options, Path jar) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-Xlog:class+load", "-cp", jar.toString(), PROGRAM));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  /** What is run. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      System.out.println("it runs");
    }
  }
}
