package dev.sluice.tools.dlt;

import dev.sluice.v1.InferenceRequest;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a dead letter's bytes turned out to be. */
sealed interface Payload {

  /** The request's id, {@link DeadLetter#UNKNOWN} if it cannot be read. */
  default String requestId() {
    return this instanceof Request(InferenceRequest request)
        ? request.getRequestId()
        : DeadLetter.UNKNOWN;
  }

  /** Where the image comes from, as {@link ImageOrigin} writes it. */
  default String origin() {
    return this instanceof Request(InferenceRequest request)
        ? ImageOrigin.of(request)
        : DeadLetter.UNKNOWN;
  }

  /** A request. */
  record Request(InferenceRequest request) implements Payload {

    /**
     * Its fields by their names, without those that are null; an image inside it only by its size.
     */
    Map<String, Object> fields() {
      Map<String, Object> fields = new LinkedHashMap<>();
      request
          .getSchema()
          .getFields()
          .forEach(field -> {
            Object value = request.get(field.pos());
            if (value instanceof java.nio.ByteBuffer bytes) {
              fields.put(field.name(), bytes.remaining() + " bytes");
            } else if (value != null) {
              fields.put(field.name(), value);
            }
          });
      return fields;
    }
  }

  /** Something else; {@code reason} says what is wrong with it. */
  record Unreadable(String reason) implements Payload {}
}
