package dev.sluice.tools;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Tells the person on stderr, in one line, why a command did not do what was asked; the stack trace
 * only under {@code --verbose}. Called by picocli on the main thread.
 */
final class FailureReport implements IExecutionExceptionHandler, IParameterExceptionHandler {

  @Override
  public int handleExecutionException(
      Exception exception, CommandLine command, ParseResult parsed) {
    if (exception instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    Failure failure = Failure.explain(exception, kafkaOptionsOf(command));
    PrintWriter err = command.getErr();
    err.println(nameOf(command) + ": " + Text.oneLine(failure.message()));
    if (isVerbose(command)) {
      exception.printStackTrace(err);
    }
    err.flush();
    return failure.exitCode();
  }

  @Override
  public int handleParseException(ParameterException exception, String[] args) {
    CommandLine command = exception.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(nameOf(command) + ": " + Text.oneLine(String.valueOf(exception.getMessage())));
    CommandLine.UnmatchedArgumentException.printSuggestions(exception, err);
    err.println("See: " + nameOf(command) + " --help");
    err.flush();
    return ExitCode.USAGE;
  }

  private static KafkaOptions kafkaOptionsOf(CommandLine command) {
    return command.getMixins().values().stream()
        .filter(KafkaOptions.class::isInstance)
        .map(KafkaOptions.class::cast)
        .findFirst()
        .orElseGet(KafkaOptions::new);
  }

  private static boolean isVerbose(CommandLine command) {
    return command.getCommandSpec().root().userObject() instanceof Sluice sluice
        && sluice.verbose();
  }

  private static String nameOf(CommandLine command) {
    return command.getCommandSpec().qualifiedName();
  }
}
