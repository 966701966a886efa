package dev.sluice.tools.dlt;

import java.util.Set;

/**
 * Which dead letters are meant. Every criterion has to hold; of the values of one criterion, one
 * has to. A criterion without values always holds. Pure and immutable.
 *
 * <p>In two steps, since the second one needs the payload decoded: {@link #accepts(DeadLetter)},
 * then {@link #accepts(Payload)}.
 *
 * @param codes error codes
 * @param window when the dead letter was written
 * @param origins where the image comes from, as {@link ImageOrigin} writes it
 * @param keys keys as {@link DeadLetter#key} writes them
 * @param requestIds ids of requests
 * @param originalTopics topics that the record came from, as the dead letter names them
 * @param minReplays how often it has been sent again, at least
 */
record DeadLetterFilter(
    Set<String> codes,
    TimeWindow window,
    Set<String> origins,
    Set<String> keys,
    Set<String> requestIds,
    Set<String> originalTopics,
    long minReplays) {

  /** All dead letters. */
  static final DeadLetterFilter ALL =
      new DeadLetterFilter(Set.of(), TimeWindow.ALWAYS, Set.of(), Set.of(), Set.of(), Set.of(), 0);

  DeadLetterFilter {
    codes = Set.copyOf(codes);
    origins = Set.copyOf(origins);
    keys = Set.copyOf(keys);
    requestIds = Set.copyOf(requestIds);
    originalTopics = Set.copyOf(originalTopics);
  }

  /** The same with another stretch of time. */
  DeadLetterFilter within(TimeWindow other) {
    return new DeadLetterFilter(
        codes, other, origins, keys, requestIds, originalTopics, minReplays);
  }

  /** Whether all holds that can be seen from outside. */
  boolean accepts(DeadLetter letter) {
    return isAmong(letter.code(), codes)
        && window.contains(letter.record().timestamp())
        && (keys.isEmpty() || keys.contains(letter.key()))
        && (originalTopics.isEmpty()
            || letter.originalTopic().filter(originalTopics::contains).isPresent())
        && letter.replays() >= minReplays;
  }

  /** Whether all holds that is said inside. */
  boolean accepts(Payload payload) {
    return isAmong(payload.origin(), origins) && isAmong(payload.requestId(), requestIds);
  }

  /** Whether the payload has to be decoded: then nothing can be said without the registry. */
  boolean asksForRequest() {
    return !origins.isEmpty() || !requestIds.isEmpty();
  }

  private static boolean isAmong(String value, Set<String> wanted) {
    return wanted.isEmpty() || wanted.contains(value);
  }
}
