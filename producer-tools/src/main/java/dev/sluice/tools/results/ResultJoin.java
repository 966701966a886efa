package dev.sluice.tools.results;

import dev.sluice.v1.InferenceResult;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Matches results to the requests that were sent, by request id. The first result of a request
 * counts; later ones are duplicates, which at-least-once delivery allows. Results of requests that
 * are not expected belong to others and are passed over. Used by one thread.
 */
public final class ResultJoin {
  private final Map<String, Expected> expected = new LinkedHashMap<>();
  private int missing;
  private long duplicates;

  /** A request on whose result somebody waits, and the result once it is there. */
  public record Expected(String requestId, String name, Optional<InferenceResult> result) {}

  /**
   * Starts waiting for a request's result.
   *
   * @param name what a person calls the image
   * @return whether it is the first request of this id; a second one's result could not be told
   *     from the first one's
   */
  public boolean expect(String requestId, String name) {
    boolean first =
        expected.putIfAbsent(requestId, new Expected(requestId, name, Optional.empty())) == null;
    if (first) {
      missing++;
    }
    return first;
  }

  /** Stops waiting for a request, because it could not be sent. */
  public void forget(String requestId) {
    Expected removed = expected.remove(requestId);
    if (removed != null && removed.result().isEmpty()) {
      missing--;
    }
  }

  /** Takes in a result and says whether it is the first one of an expected request. */
  public boolean accept(InferenceResult result) {
    Expected entry = expected.get(result.getRequestId());
    if (entry == null) {
      return false;
    }
    if (entry.result().isPresent()) {
      duplicates++;
      return false;
    }
    expected.put(
        entry.requestId(), new Expected(entry.requestId(), entry.name(), Optional.of(result)));
    missing--;
    return true;
  }

  /** How many requests have no result yet. */
  public int missing() {
    return missing;
  }

  /** How many further results came for requests that already had theirs. */
  public long duplicates() {
    return duplicates;
  }

  /** Every expected request, in the order they were announced. */
  public List<Expected> all() {
    return List.copyOf(expected.values());
  }
}
