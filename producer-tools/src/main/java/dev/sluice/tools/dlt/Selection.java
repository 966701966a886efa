package dev.sluice.tools.dlt;

import dev.sluice.tools.CommandException;
import dev.sluice.tools.OutputOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Picks the dead letters that a filter means and decodes them. Used by one thread.
 *
 * @param requestsTopic under whose name the registry's schemas are looked up
 */
record Selection(DeadLetterFilter filter, RequestDecoder decoder, String requestsTopic) {

  /** Is given what was picked. */
  interface Visitor {
    /**
     * Takes one dead letter.
     *
     * @return whether to go on
     */
    boolean visit(DeadLetter letter, Payload payload) throws InterruptedException;
  }

  /**
   * Gives {@code record} to {@code visitor} if it is meant.
   *
   * @return whether to go on
   * @throws CommandException if only the registry knows whether it is meant, and is away: taking
   *     that for a no would pass it over in silence
   */
  boolean offer(ConsumerRecord<byte[], byte[]> record, Visitor visitor)
      throws InterruptedException {
    DeadLetter letter = new DeadLetter(record);
    if (!filter.accepts(letter)) {
      return true;
    }
    Payload payload = decoder.decode(requestsTopic, letter.payload());
    if (filter.asksForRequest() && !decoder.registryAbsent().isEmpty()) {
      throw CommandException.failed(
          "which dead letters are meant cannot be said: %s. Check --schema-registry, or choose without --id and --origin."
              .formatted(decoder.registryAbsent()));
    }
    return !filter.accepts(payload) || visitor.visit(letter, payload);
  }

  /** The same with another stretch of time. */
  Selection within(TimeWindow window) {
    return new Selection(filter.within(window), decoder, requestsTopic);
  }

  /** Says on stderr that requests could not be read, if the registry was away. */
  void tellOfAbsentRegistry(OutputOptions output) {
    if (!decoder.registryAbsent().isEmpty()) {
      output.progress("Request ids and origins are missing: " + decoder.registryAbsent());
    }
  }
}
