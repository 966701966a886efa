package dev.sluice.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The promises that every command keeps: exit codes, what goes to stdout and what to stderr, help
 * everywhere.
 */
class SluiceTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void versionIsTheOneBuilt() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString()).startsWith("sluice ").contains("Java 25").doesNotContain("${");
  }

  @Test
  void noCommandIsAUsageErrorOnStderr() {
    assertThat(run()).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).contains("Missing required subcommand").contains("sluice --help");
  }

  @Test
  void anUnknownOptionIsAUsageErrorThatNamesIt() {
    assertThat(run("--nonsense")).isEqualTo(2);
    assertThat(err.toString()).contains("--nonsense");
  }

  @Test
  void everyCommandHasHelpADescriptionAndAVersion() {
    for (CommandLine command : allCommands(Sluice.commandLine())) {
      String name = command.getCommandSpec().qualifiedName();
      assertThat(command.getCommandSpec().usageMessage().description()).as(name).isNotEmpty();
      assertThat(command.getCommandSpec().optionsMap())
          .as(name)
          .containsKeys("--help", "--version", "--verbose");
    }
  }

  @Test
  void everyOptionIsDescribed() {
    for (CommandLine command : allCommands(Sluice.commandLine())) {
      command
          .getCommandSpec()
          .args()
          .forEach(argument ->
              assertThat(argument.description())
                  .as("%s %s", command.getCommandSpec().qualifiedName(), argument)
                  .isNotEmpty());
    }
  }

  @Test
  void aFailureIsOneLineWithoutAStackTrace() {
    assertThat(run("fails", "--how", "FAILED")).isEqualTo(1);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().lines()).containsExactly("sluice fails: the disk is full: make room");
  }

  @Test
  void aConfigurationErrorIsExitCodeTwo() {
    assertThat(run("fails", "--how", "USAGE")).isEqualTo(2);
  }

  @Test
  void verboseAddsTheStackTrace() {
    assertThat(run("fails", "--how", "FAILED", "--verbose")).isEqualTo(1);
    assertThat(err.toString())
        .contains("the disk is full: make room")
        .contains("\tat " + Fails.class.getName());
  }

  @Test
  void anUnexpectedExceptionNamesItselfAndTheWayToMore() {
    assertThat(run("fails", "--how", "BUG")).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly(
            "sluice fails: IllegalStateException: seven. Run it again with --verbose for the"
                + " details.");
  }

  @Test
  void aMissingBrokerIsToldWithItsAddress() {
    assertThat(run("fails", "--how", "TIMEOUT", "--bootstrap-servers", "kafka.example:9092"))
        .isEqualTo(1);
    assertThat(err.toString()).contains("kafka.example:9092").contains("--bootstrap-servers");
  }

  private int run(String... arguments) {
    return Sluice.commandLine()
        .addSubcommand(new Fails())
        .setExecutionExceptionHandler(new FailureReport())
        .setParameterExceptionHandler(new FailureReport())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  private static List<CommandLine> allCommands(CommandLine root) {
    List<CommandLine> all = new ArrayList<>(List.of(root));
    root.getSubcommands().values().forEach(child -> all.addAll(allCommands(child)));
    return all;
  }

  enum How {
    FAILED,
    USAGE,
    BUG,
    TIMEOUT
  }

  @Command(name = "fails")
  static final class Fails implements Callable<Integer> {

    @Mixin private KafkaOptions kafka;

    @CommandLine.Option(names = "--how")
    private How how;

    @Override
    public Integer call() {
      throw switch (how) {
        case FAILED -> CommandException.failed("the disk is full:\nmake room");
        case USAGE -> CommandException.usage("no such file");
        case BUG -> new IllegalStateException("seven.");
        case TIMEOUT ->
            new org.apache.kafka.common.errors.TimeoutException(
                kafka.clientProperties().get("default.api.timeout.ms") + " ms");
      };
    }
  }
}
