package dev.sluice.worker.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.UncheckedIOException;

/** An HTTP response. */
record Reply(int status, String contentType, byte[] body) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  Reply {
    requireNonNull(contentType, "contentType is null");
    requireNonNull(body, "body is null");
  }

  static Reply html(String page) {
    return new Reply(200, "text/html; charset=utf-8", page.getBytes(UTF_8));
  }

  static Reply metrics(String text) {
    return new Reply(200, "text/plain; version=0.0.4; charset=utf-8", text.getBytes(UTF_8));
  }

  static Reply json(int status, Object value) {
    try {
      return new Reply(status, "application/json", JSON.writeValueAsBytes(value));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
