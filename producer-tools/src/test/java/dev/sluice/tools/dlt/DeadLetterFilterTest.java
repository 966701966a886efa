package dev.sluice.tools.dlt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.Test;

class DeadLetterFilterTest {
  private static final List<String> CODES = List.of("IMAGE_CORRUPT", "INTERNAL", "-");
  private static final List<String> TOPICS = List.of("requests", "other");
  private static final List<String> KEYS = List.of("a", "b", "-");
  private static final List<String> IDS = List.of("r-1", "r-2", "-");
  private static final List<String> ORIGINS =
      List.of("https://a.example.com", "https://b.example.com:8443", "inline", "-");

  /** What is true of a dead letter, from which it is made. */
  private record Facts(
      String code, String topic, String key, String id, String origin, long time, int replays) {

    DeadLetter letter() {
      Headers headers = Letters.headers(topic, code);
      if (code.equals("-")) {
        headers.remove("sluice-error-code");
      }
      if (replays > 0) {
        headers.add("sluice-replays", Letters.four(replays));
      }
      return Letters.of(
          0, 0, time, key.equals("-") ? null : key.getBytes(UTF_8), new byte[] {1}, headers);
    }

    Payload payload() {
      if (origin.equals("-") || id.equals("-")) {
        return new Payload.Unreadable("for a test");
      }
      return Letters.request(id, origin.equals("inline") ? null : origin + "/x/y.jpg?q");
    }

    /** An unreadable payload has neither. */
    Facts asSeen() {
      return payload() instanceof Payload.Request
          ? this
          : new Facts(code, topic, key, "-", "-", time, replays);
    }
  }

  @Test
  void everyCriterionHasToHoldAndOneOfItsValues() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int accepted = 0;
    for (int i = 0; i < 50_000; i++) {
      Facts facts =
          new Facts(
                  any(random, CODES),
                  any(random, TOPICS),
                  any(random, KEYS),
                  any(random, IDS),
                  any(random, ORIGINS),
                  random.nextLong(100),
                  random.nextInt(4))
              .asSeen();
      long since = random.nextBoolean() ? Long.MIN_VALUE : random.nextLong(100);
      long until = random.nextBoolean() ? Long.MAX_VALUE : random.nextLong(100);
      DeadLetterFilter filter =
          new DeadLetterFilter(
              some(random, CODES),
              new TimeWindow(since, until),
              some(random, ORIGINS),
              some(random, KEYS),
              some(random, IDS),
              some(random, TOPICS),
              random.nextInt(3));

      boolean expected =
          Stream.of(
                  holds(filter.codes(), facts.code()),
                  holds(filter.origins(), facts.origin()),
                  holds(filter.keys(), facts.key()),
                  holds(filter.requestIds(), facts.id()),
                  holds(filter.originalTopics(), facts.topic()),
                  facts.time() >= since,
                  until == Long.MAX_VALUE || facts.time() < until,
                  facts.replays() >= filter.minReplays())
              .allMatch(held -> held);
      assertThat(filter.accepts(facts.letter()) && filter.accepts(facts.payload()))
          .as("seed %d: %s, %s", seed, filter, facts)
          .isEqualTo(expected);
      accepted += expected ? 1 : 0;
    }
    assertThat(accepted).as("seed %d: the test means something", seed).isBetween(500, 49_500);
  }

  @Test
  void withoutCriteriaAllIsMeantHoweverHostile() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 5000; i++) {
      DeadLetter letter =
          Letters.of(
              0,
              i,
              random.nextLong(),
              null,
              random.nextBoolean() ? null : new byte[3],
              Letters.hostile(random));
      assertThat(DeadLetterFilter.ALL.accepts(letter)).as("seed %d: %s", seed, letter).isTrue();
    }
    assertThat(DeadLetterFilter.ALL.accepts(new Payload.Unreadable(""))).isTrue();
    assertThat(DeadLetterFilter.ALL.asksForRequest()).isFalse();
  }

  private static boolean holds(Set<String> wanted, String value) {
    return wanted.isEmpty() || wanted.contains(value);
  }

  private static String any(Random random, List<String> values) {
    return values.get(random.nextInt(values.size()));
  }

  private static Set<String> some(Random random, List<String> values) {
    return switch (random.nextInt(4)) {
      case 0 -> Set.of(any(random, values));
      case 1 -> Set.of(values.get(0), values.get(1));
      default -> Set.of();
    };
  }
}
