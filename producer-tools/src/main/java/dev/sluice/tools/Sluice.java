package dev.sluice.tools;

import dev.sluice.tools.bench.BenchCommand;
import dev.sluice.tools.bench.RehearseCommand;
import dev.sluice.tools.dlt.DltCommand;
import dev.sluice.tools.local.DemoCommand;
import dev.sluice.tools.local.UpCommand;
import dev.sluice.tools.results.ResultsCommand;
import dev.sluice.tools.schemas.SchemasCommand;
import dev.sluice.tools.soak.SoakCommand;
import dev.sluice.tools.submit.SubmitCommand;
import dev.sluice.tools.topics.TopicsCommand;
import dev.sluice.worker.Main;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * {@code sluice}: the root of the command line. Its commands return an {@link ExitCode} or throw; a
 * {@link CommandException} carries the line to show. A command is registered by naming its class in
 * {@code subcommands} below.
 */
@Command(
    name = "sluice",
    description = "Asynchronous inference on Kafka: image events in, result events out.",
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:the thing asked for failed", "2:usage or configuration error"},
    subcommands = {
      DemoCommand.class,
      UpCommand.class,
      SubmitCommand.class,
      ResultsCommand.class,
      DltCommand.class,
      TopicsCommand.class,
      SchemasCommand.class,
      BenchCommand.class,
      SoakCommand.class,
      RehearseCommand.class,
      Main.class
    })
public final class Sluice implements Runnable {

  /** Read by Logback before the first log line. */
  private static final String LOG_CONFIGURATION = "logback.configurationFile";

  /** Read by logback-tools.xml before the first log line. */
  private static final String LOG_LEVEL = "sluice.log.level";

  @Spec private CommandSpec command;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Say more on stderr: the stack trace of a failure, the clients' log.")
  private boolean verbose;

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] args) {
    chooseLog(args);
    System.exit(commandLine().execute(args));
  }

  /** The worker logs as a service does; every other command keeps stdout for its answer. */
  private static void chooseLog(String[] args) {
    boolean isWorker =
        Arrays.stream(args)
            .filter(arg -> !arg.startsWith("-"))
            .findFirst()
            .equals(Optional.of("worker"));
    if (!isWorker && System.getProperty(LOG_CONFIGURATION) == null) {
      System.setProperty(LOG_CONFIGURATION, "logback-tools.xml");
    }
  }

  /** The whole command line, ready to be executed once. */
  static CommandLine commandLine() {
    FailureReport report = new FailureReport();
    return new CommandLine(new Sluice())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(report)
        .setParameterExceptionHandler(report)
        .setExecutionStrategy(Sluice::execute);
  }

  private static int execute(ParseResult parsed) {
    if (parsed.commandSpec().userObject() instanceof Sluice sluice && sluice.verbose) {
      System.setProperty(LOG_LEVEL, "INFO");
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  /** Whether the person asked for stack traces and logs. */
  boolean verbose() {
    return verbose;
  }

  @Override
  public void run() {
    throw new ParameterException(command.commandLine(), "Missing required subcommand");
  }
}
