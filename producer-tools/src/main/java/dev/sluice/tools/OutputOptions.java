package dev.sluice.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * A mixin for commands that print: {@code --json}, and where what goes. stdout carries the answer
 * and nothing else, as text for people or, with {@code --json}, as one JSON object a line; stderr
 * carries progress and remarks. Used on the thread that runs the command.
 */
public final class OutputOptions {

  /**
   * Java records become JSON objects with snake_case names, instants ISO 8601 text. Thread-safe.
   */
  private static final ObjectWriter JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
          .build()
          .writer();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--json",
      description = "Print JSON, one object a line, instead of text for people.")
  private boolean json;

  /** Whether the answer is to be JSON. */
  public boolean json() {
    return json;
  }

  /** Prints one JSON object as one line on stdout. */
  public void json(Object value) {
    out().println(line(value));
    out().flush();
  }

  /** Prints a table for people on stdout. */
  public void table(Table table) {
    table.lines().forEach(out()::println);
    out().flush();
  }

  /** Prints one line for people on stdout. */
  public void text(String line) {
    out().println(Text.oneLine(line));
    out().flush();
  }

  /** Prints one line about what is going on on stderr. */
  public void progress(String line) {
    err().println(Text.oneLine(line));
    err().flush();
  }

  /** stdout, for what the other methods do not cover. */
  public PrintWriter out() {
    return command.commandLine().getOut();
  }

  /** stderr, for what the other methods do not cover (a progress bar). */
  public PrintWriter err() {
    return command.commandLine().getErr();
  }

  private static String line(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "a " + value.getClass().getName() + " cannot be written as JSON", e);
    }
  }
}
