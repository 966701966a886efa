package dev.sluice.tools;

import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * What to tell the person about an exception that ended a command. Pure.
 *
 * @param message what happened, where, what to do: one line
 * @param exitCode what the process tells the shell
 */
record Failure(String message, int exitCode) {

  /** Explains {@code thrown}; {@code kafka} says which servers were meant. */
  static Failure explain(Throwable thrown, KafkaOptions kafka) {
    Throwable cause = innermostThatSpeaks(thrown);
    return switch (cause) {
      case CommandException own -> new Failure(messageOf(own), own.exitCode());
      case ConfigException wrong ->
          new Failure(
              "a Kafka client setting is wrong: %s. Check --bootstrap-servers, --property and --command-config."
                  .formatted(withoutFullStop(messageOf(wrong))),
              ExitCode.USAGE);
      case TimeoutException late ->
          failed(
              "Kafka at %s did not answer in time (%s). Is the broker running, and is --bootstrap-servers right?"
                  .formatted(kafka.bootstrapServers(), withoutFullStop(messageOf(late))));
      case AuthenticationException refused ->
          failed(
              "Kafka at %s refused the login (%s). Check the credentials in --command-config."
                  .formatted(kafka.bootstrapServers(), withoutFullStop(messageOf(refused))));
      case AuthorizationException refused ->
          failed(
              "Kafka at %s does not allow this (%s). Ask for the permission, or log in as someone who has it."
                  .formatted(kafka.bootstrapServers(), withoutFullStop(messageOf(refused))));
      case UnknownTopicOrPartitionException missing ->
          failed(
              "Kafka at %s has no such topic (%s). Create the topics with: sluice topics create"
                  .formatted(kafka.bootstrapServers(), withoutFullStop(messageOf(missing))));
      case RestClientException answer ->
          failed(
              "the schema registry at %s answered with status %d: %s. Check --schema-registry and that the schemas are"
                      .formatted(
                          kafka.schemaRegistry(),
                          answer.getStatus(),
                          withoutFullStop(messageOf(answer)))
                  + " registered (sluice schemas check).");
      case IOException unreachable when fromRegistry(unreachable) ->
          failed(
              "the schema registry at %s cannot be reached (%s). Is it running, and is --schema-registry right?"
                  .formatted(kafka.schemaRegistry(), withoutFullStop(messageOf(unreachable))));
      default ->
          failed(
              "%s: %s. Run it again with --verbose for the details."
                  .formatted(cause.getClass().getSimpleName(), withoutFullStop(messageOf(cause))));
    };
  }

  /** Futures and clients wrap what went wrong; the person needs what they wrap. */
  private static Throwable innermostThatSpeaks(Throwable thrown) {
    Throwable current = thrown;
    while (current.getCause() != null && isWrapper(current)) {
      current = current.getCause();
    }
    return current;
  }

  private static boolean isWrapper(Throwable thrown) {
    return thrown instanceof ExecutionException
        || thrown instanceof CompletionException
        || thrown instanceof SerializationException
        || thrown.getClass() == KafkaException.class;
  }

  private static boolean fromRegistry(IOException exception) {
    for (StackTraceElement frame : exception.getStackTrace()) {
      if (frame.getClassName().startsWith("io.confluent.kafka.schemaregistry.client")) {
        return true;
      }
    }
    return false;
  }

  private static Failure failed(String message) {
    return new Failure(message, ExitCode.FAILED);
  }

  private static String messageOf(Throwable thrown) {
    String message = thrown.getMessage();
    return message == null || message.isBlank() ? thrown.getClass().getSimpleName() : message;
  }

  private static String withoutFullStop(String message) {
    String line = message.strip();
    return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
  }
}
