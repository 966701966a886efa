package dev.sluice.devstack;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The head of an HTTP/1.1 request, as much of it as {@link ImageServer} needs.
 *
 * @param path decoded, without the query
 * @param keepAlive whether the client wants to go on using the connection
 */
record RequestHead(String method, String path, List<Parameter> query, boolean keepAlive) {
  private static final int MAX_BYTES = 64 * 1024;

  /** One {@code name=value} of a query, decoded. */
  record Parameter(String name, String value) {}

  RequestHead {
    query = List.copyOf(query);
  }

  /**
   * Reads the next request; empty when the client has closed the connection.
   *
   * @throws IOException when what comes is not a request, or its head is longer than 64 KiB
   */
  static Optional<RequestHead> read(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n", Math.max(0, head.length() - 4)) < 0) {
      int next = in.read();
      if (next < 0) {
        return Optional.empty();
      }
      head.append((char) next);
      if (head.length() > MAX_BYTES) {
        throw new IOException("the head of the request is longer than " + MAX_BYTES + " bytes");
      }
    }
    return Optional.of(parse(head.toString()));
  }

  private static RequestHead parse(String head) throws IOException {
    String[] lines = head.split("\r\n", -1);
    String[] parts = lines[0].split(" ", -1);
    if (parts.length != 3 || !parts[1].startsWith("/")) {
      throw new IOException("not a request line: '" + lines[0] + "'");
    }
    boolean keepAlive = parts[2].equals("HTTP/1.1");
    for (String line : lines) {
      if (line.toLowerCase(Locale.ROOT).replace(" ", "").equals("connection:close")) {
        keepAlive = false;
      }
    }
    int mark = parts[1].indexOf('?');
    String path = mark < 0 ? parts[1] : parts[1].substring(0, mark);
    String query = mark < 0 ? "" : parts[1].substring(mark + 1);
    try {
      // A plus is a plus in a path; only forms write it for a space.
      return new RequestHead(
          parts[0], decode(path.replace("+", "%2B")), parameters(query), keepAlive);
    } catch (IllegalArgumentException e) {
      throw new IOException("not percent-encoded as it should be: '" + parts[1] + "'", e);
    }
  }

  private static List<Parameter> parameters(String query) {
    List<Parameter> parameters = new ArrayList<>();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        parameters.add(
            new Parameter(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1))));
      }
    }
    return parameters;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
