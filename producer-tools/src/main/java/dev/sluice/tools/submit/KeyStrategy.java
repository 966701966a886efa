package dev.sluice.tools.submit;

import dev.sluice.v1.InferenceRequest;
import java.util.Optional;

/** Which key a request's record gets. The key chooses the partition, and with it the order. */
sealed interface KeyStrategy {
  String METADATA_PREFIX = "metadata:";

  /** The record's key; empty: none, and the producer spreads the records. */
  Optional<String> keyOf(InferenceRequest request);

  /**
   * Reads {@code none}, {@code request-id}, {@code source} or {@code metadata:NAME}.
   *
   * @throws IllegalArgumentException for anything else
   */
  static KeyStrategy parse(String text) {
    if (text.startsWith(METADATA_PREFIX) && text.length() > METADATA_PREFIX.length()) {
      return new Metadata(text.substring(METADATA_PREFIX.length()));
    }
    return switch (text) {
      case "none" -> new None();
      case "request-id" -> new RequestId();
      case RequestFactory.SOURCE -> new Metadata(RequestFactory.SOURCE);
      default ->
          throw new IllegalArgumentException(
              "'" + text + "' is not a key; use none, request-id, source or metadata:NAME");
    };
  }

  /** No key. */
  record None() implements KeyStrategy {
    @Override
    public Optional<String> keyOf(InferenceRequest request) {
      return Optional.empty();
    }
  }

  /** The request's own id. */
  record RequestId() implements KeyStrategy {
    @Override
    public Optional<String> keyOf(InferenceRequest request) {
      return Optional.of(request.getRequestId());
    }
  }

  /** A value of the request's metadata; requests without it get no key. */
  record Metadata(String name) implements KeyStrategy {
    @Override
    public Optional<String> keyOf(InferenceRequest request) {
      return Optional.ofNullable(request.getMetadata().get(name));
    }
  }
}
