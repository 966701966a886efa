package dev.sluice.worker.telemetry;

import static java.util.stream.Collectors.joining;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.pattern.CompositeConverter;

/**
 * Logback's conversion word {@code %indented(...)}: each line {@link Printable} and moved to the
 * right, so that a stack trace stays readable and the message inside it cannot forge a line of the
 * log.
 */
public final class Indented extends CompositeConverter<ILoggingEvent> {
  private static final String INDENT = "    ";

  @Override
  protected String transform(ILoggingEvent event, String text) {
    return text.lines()
        .map(line -> INDENT + Printable.printable(line.replace("\t", INDENT)) + "\n")
        .collect(joining());
  }
}
