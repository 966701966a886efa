package dev.sluice.devstack;

import java.time.Duration;
import java.util.Map;

/** What {@link ImageServer} does with a request. Immutable. */
public sealed interface Behaviour {
  /** Serves the file. */
  record Normal() implements Behaviour {}

  /** Waits before it goes on. */
  record Delay(Duration duration, Behaviour then) implements Behaviour {}

  /** Treats the first {@code count} requests for each path in another way than the rest. */
  record First(int count, Behaviour first, Behaviour then) implements Behaviour {}

  /**
   * Answers with a status and a short text.
   *
   * @param headers added to the usual ones, in whose place they come when they have the same name
   */
  record Status(int status, Map<String, String> headers) implements Behaviour {
    /** Copies the headers. */
    public Status {
      headers = Map.copyOf(headers);
    }

    /** A status with the usual headers. */
    public Status(int status) {
      this(status, Map.of());
    }
  }

  /** Serves the file under another content type. */
  record ContentType(String type) implements Behaviour {}

  /**
   * Sends the file a few bytes at a time.
   *
   * @param bytes sent at once, positive
   * @param interval between two sendings
   */
  record Drip(int bytes, Duration interval) implements Behaviour {
    /** Validates. */
    public Drip {
      if (bytes <= 0) {
        throw new IllegalArgumentException("bytes is not positive: " + bytes);
      }
    }
  }

  /** Announces the whole file, sends its first {@code bytes} bytes and closes the connection. */
  record Truncate(int bytes) implements Behaviour {}

  /** Reads the request and never answers, until the client or the server gives up. */
  record Hang() implements Behaviour {}

  /** Resets the connection in place of an answer. */
  record Reset() implements Behaviour {}

  /**
   * Sends the client elsewhere.
   *
   * @param location sent as it is: a URL, or a path here
   */
  record Redirect(int status, String location) implements Behaviour {}

  /** A chunked body that starts like a JPEG and never ends. */
  record EndlessBody() implements Behaviour {}

  /** Header lines that never end. */
  record EndlessHeaders() implements Behaviour {}

  /** Answers with something that is not HTTP. */
  record Garbage() implements Behaviour {}
}
