package dev.sluice.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher script in a checkout of its own, whose Maven and JDK only write down their
 * arguments.
 */
final class LauncherTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Path BASH = find("bash");
  private static final List<String> UTILITIES =
      List.of(
          "dirname", "find", "flock", "grep", "mkdir", "mv", "readlink", "rm", "sleep", "touch");

  @TempDir private Path temporary;
  private Path home;
  private Path path;
  private Path jdks;
  private Path source;

  @BeforeEach
  void makeCheckout() throws IOException {
    home = Files.createDirectories(temporary.resolve("checkout"));
    path = Files.createDirectories(temporary.resolve("bin"));
    jdks = Files.createDirectories(temporary.resolve("jdks"));
    source = home.resolve("devstack/kafka-server/src/main/java/Source.java");
    Files.createDirectories(source.getParent());
    Files.createFile(source);
    Files.createFile(home.resolve("pom.xml"));
    Files.copy(Path.of(System.getProperty("sluice.home"), "sluice"), home.resolve("sluice"));
    for (String utility : UTILITIES) {
      script(path.resolve(utility), "exec %s \"$@\"".formatted(find(utility)));
    }
  }

  @Test
  void saysWhereItLookedForAJdk() throws Exception {
    installMaven("");
    installJdk("21.0.9");

    Launch launch = launch("--help");

    assertThat(launch.exitCode()).isEqualTo(2);
    assertThat(launch.errors()).contains("no JDK 25 found", jdks.toString(), "SLUICE_JAVA_HOME");
  }

  @Test
  void saysThatMavenIsMissing() throws Exception {
    installJdk("25.0.1");

    Launch launch = launch("--help");

    assertThat(launch.exitCode()).isEqualTo(2);
    assertThat(launch.errors()).contains("Maven is needed");
  }

  @Test
  void buildsOnceAndAgainWhenASourceIsNewer() throws Exception {
    installMaven("");
    installJdk("25");

    Launch first = launch("topics", "--help");
    assertThat(first.exitCode()).as(first.errors()).isZero();
    assertThat(first.output()).contains("dev.sluice.tools.Sluice topics --help");
    assertThat(first.errors()).contains("building");
    assertThat(builds()).hasSize(1);

    assertThat(launch("topics", "--help").errors()).isEmpty();
    assertThat(builds()).hasSize(1);

    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
    assertThat(launch("topics", "--help").exitCode()).isZero();
    assertThat(builds()).hasSize(2);
  }

  @Test
  void buildsAgainAfterAFailedBuild() throws Exception {
    installMaven("exit 1");
    installJdk("25");

    Launch launch = launch("--help");
    assertThat(launch.exitCode()).isEqualTo(1);
    assertThat(launch.errors()).contains("the build failed");
    assertThat(launch.output()).isEmpty();

    installMaven("");
    assertThat(launch("--help").exitCode()).isZero();
    assertThat(builds()).hasSize(2);
  }

  @Test
  void oneOfTwoLaunchesBuilds() throws Exception {
    Path started = temporary.resolve("started");
    Path finish = temporary.resolve("finish");
    installMaven("touch '%s'; until [ -f '%s' ]; do sleep 0.02; done".formatted(started, finish));
    installJdk("25");

    Path secondErrors = temporary.resolve("second.err");
    Process first = start(temporary.resolve("first.err"), "--help");
    try {
      await().atMost(PATIENCE).until(() -> Files.exists(started));
      Process second = start(secondErrors, "--help");
      try {
        await().atMost(PATIENCE).until(() -> Files.readString(secondErrors).contains("waiting"));
        Files.createFile(finish);
        assertThat(exitCode(first)).isZero();
        assertThat(exitCode(second)).isZero();
      } finally {
        second.destroyForcibly();
      }
    } finally {
      first.destroyForcibly();
    }
    assertThat(builds()).hasSize(1);
  }

  @Test
  void aWorkerRunsWithTheFullCompiler() throws Exception {
    installMaven("");
    installJdk("25");

    assertThat(launch("topics", "describe").output()).contains("TieredStopAtLevel=1");
    assertThat(launch("--verbose", "worker", "--help").output())
        .contains("dev.sluice.tools.Sluice --verbose worker --help", "ExitOnOutOfMemoryError")
        .doesNotContain("TieredStopAtLevel=1");
  }

  @Test
  void aWorkerStartsWithoutTheOtherCommands() throws Exception {
    installMaven("");
    installJdk("25");

    assertThat(launch("worker", "--config", "worker.yaml").output())
        .contains("dev.sluice.worker.Main --config worker.yaml");
  }

  @Test
  void testsWithTheJdkItFound() throws Exception {
    installMaven("echo \"JAVA_HOME is $JAVA_HOME\"; exit 3");
    installJdk("25");

    Launch launch = launch("test", "-Pcontainers");

    assertThat(launch.exitCode()).isEqualTo(3);
    assertThat(launch.output()).contains("JAVA_HOME is " + jdks.resolve("jdk"));
    assertThat(builds()).singleElement().asString().endsWith("verify -Pcontainers");
  }

  private record Launch(int exitCode, String output, String errors) {}

  private Launch launch(String... arguments) throws IOException, InterruptedException {
    Path errors = temporary.resolve("launch.err");
    Process process = start(errors, arguments);
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Launch(exitCode(process), output, Files.readString(errors));
    } finally {
      process.destroyForcibly();
    }
  }

  private Process start(Path errors, String... arguments) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(BASH.toString(), home.resolve("sluice").toString())
            .redirectError(errors.toFile());
    builder.command().addAll(List.of(arguments));
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("PATH", path.toString());
    environment.put("HOME", temporary.toString());
    environment.put("SLUICE_JDK_FOLDERS", jdks.toString());
    return builder.start();
  }

  private static int exitCode(Process process) throws InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .as("the launch ends")
        .isTrue();
    return process.exitValue();
  }

  private void installMaven(String then) throws IOException {
    script(
        path.resolve("mvn"),
        """
        echo "$@" >>'%s'
        %s
        mkdir -p producer-tools/target/lib
        touch producer-tools/target/sluice-producer-tools-1.jar
        """
            .formatted(temporary.resolve("builds"), then));
  }

  private void installJdk(String version) throws IOException {
    Path bin = Files.createDirectories(jdks.resolve("jdk/bin"));
    script(bin.resolve("javac"), "");
    script(bin.resolve("java"), "echo \"$@\"");
    Files.writeString(jdks.resolve("jdk/release"), "JAVA_VERSION=\"%s\"\n".formatted(version));
  }

  private void script(Path file, String body) throws IOException {
    Files.writeString(file, "#!%s\n%s\n".formatted(BASH, body));
    if (!file.toFile().setExecutable(true)) {
      throw new IOException("cannot make " + file + " executable");
    }
  }

  private List<String> builds() throws IOException {
    return Files.readAllLines(temporary.resolve("builds"));
  }

  private static Path find(String utility) {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .map(folder -> Path.of(folder, utility))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () -> new UncheckedIOException(new IOException("no " + utility + " on this machine")));
  }
}
