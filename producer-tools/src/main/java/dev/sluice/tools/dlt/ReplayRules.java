package dev.sluice.tools.dlt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Turns a dead letter back into the request that it was, or says why not. Everything in a dead
 * letter may be forged. Used by one thread.
 *
 * <p>The request goes out with its own bytes, key and headers, without those that tell of the
 * failure, and with two that tell of the replay: {@code sluice-replays} and {@code
 * sluice-replayed-from}. Its time is that of the replay: with the original one the topic's
 * retention might delete it before anybody reads it.
 */
final class ReplayRules {

  /** The worker's names of retry topics: the requests topic, then the delay. */
  private static final Pattern RETRY_TOPIC = Pattern.compile("(.+)-retry-\\d+(?:d|h|m|s|ms|us|ns)");

  private static final int REMEMBERED_TOPICS = 1000;

  private final String destination;
  private final long maxReplays;
  private final Set<String> forbidden;
  private final Predicate<String> exists;

  /** Command thread only. What the brokers have said about topics. */
  private final Map<String, Boolean> known = new HashMap<>();

  /**
   * @param destination where all go; empty: each to the topic that it came from
   * @param maxReplays how often a request may be sent again in all
   * @param forbidden topics that hold no requests, whatever a dead letter says
   * @param exists asks the brokers for a topic
   */
  ReplayRules(
      String destination, long maxReplays, Set<String> forbidden, Predicate<String> exists) {
    this.destination = destination;
    this.maxReplays = maxReplays;
    this.forbidden = Set.copyOf(forbidden);
    this.exists = exists;
  }

  ReplayDecision decide(DeadLetter letter) {
    if (letter.isWithoutPayload()) {
      return new ReplayDecision.Refuse(Refusal.PAYLOAD_OMITTED);
    }
    if (letter.replays() >= maxReplays) {
      return new ReplayDecision.Refuse(Refusal.REPLAYED_TOO_OFTEN);
    }
    String topic =
        destination.isEmpty()
            ? letter.originalTopic().map(ReplayRules::requestsTopic).orElse("")
            : destination;
    if (topic.isEmpty()) {
      return new ReplayDecision.Refuse(Refusal.ORIGINAL_TOPIC_UNKNOWN);
    }
    if (forbidden.contains(topic) || topic.startsWith("__")) {
      return new ReplayDecision.Refuse(Refusal.TOPIC_NOT_FOR_REQUESTS);
    }
    if (!exists(topic)) {
      return new ReplayDecision.Refuse(Refusal.TOPIC_MISSING);
    }
    return new ReplayDecision.Send(
        new ProducerRecord<>(
            topic, null, null, letter.record().key(), letter.record().value(), headers(letter)));
  }

  /**
   * The topic that new attempts go to: a request that failed for good while it waited for a retry
   * starts anew.
   */
  static String requestsTopic(String originalTopic) {
    Matcher matcher = RETRY_TOPIC.matcher(originalTopic);
    return matcher.matches() ? matcher.group(1) : originalTopic;
  }

  private static Headers headers(DeadLetter letter) {
    Headers headers = new RecordHeaders();
    for (Header header : letter.record().headers()) {
      String name = header.key();
      if (!DeadLetterHeader.isOfTheFailure(name)
          && !name.equals(DeadLetterHeader.REPLAYS)
          && !name.equals(DeadLetterHeader.REPLAYED_FROM)) {
        headers.add(header);
      }
    }
    int replays = (int) Math.min(Integer.MAX_VALUE, letter.replays() + 1);
    headers.add(
        DeadLetterHeader.REPLAYS, ByteBuffer.allocate(Integer.BYTES).putInt(replays).array());
    headers.add(DeadLetterHeader.REPLAYED_FROM, letter.place().getBytes(StandardCharsets.UTF_8));
    return headers;
  }

  private boolean exists(String topic) {
    Boolean answer = known.get(topic);
    if (answer == null) {
      answer = exists.test(topic);
      if (known.size() < REMEMBERED_TOPICS) {
        known.put(topic, answer);
      }
    }
    return answer;
  }
}
