package dev.sluice.devstack;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A request path that says how to misbehave: {@code /fault/NAME/ARGUMENTS.../FILE}. What a fault
 * goes on to may be a fault again. {@link ImageServer} lists the names.
 *
 * @param behaviour what was asked for
 * @param file the path of the file that is meant, with a leading slash
 */
record FaultPath(Behaviour behaviour, String file) {
  private static final String MARK = "/fault/";

  /**
   * Reads a path.
   *
   * @param path decoded
   * @param query decoded parameters
   * @throws IllegalArgumentException when it starts as a fault and does not go on as one
   */
  static FaultPath parse(String path, List<RequestHead.Parameter> query) {
    if (!path.startsWith(MARK)) {
      return new FaultPath(new Behaviour.Normal(), path);
    }
    Segments segments = new Segments(path.substring(MARK.length()));
    String name = segments.next();
    return switch (name) {
      case "delay" -> {
        Duration duration = Duration.ofMillis(segments.number());
        FaultPath then = parse(segments.rest(), query);
        yield new FaultPath(new Behaviour.Delay(duration, then.behaviour()), then.file());
      }
      case "first" -> {
        int count = segments.number();
        FaultPath first = parse(segments.rest(), query);
        yield new FaultPath(
            new Behaviour.First(count, first.behaviour(), new Behaviour.Normal()), first.file());
      }
      case "status" -> {
        int status = segments.number();
        yield new FaultPath(new Behaviour.Status(status, headers(query)), segments.rest());
      }
      case "type" -> {
        String type = segments.next() + "/" + segments.next();
        yield new FaultPath(new Behaviour.ContentType(type), segments.rest());
      }
      case "drip" -> {
        int bytes = segments.number();
        Duration interval = Duration.ofMillis(segments.number());
        yield new FaultPath(new Behaviour.Drip(bytes, interval), segments.rest());
      }
      case "truncate" -> {
        int bytes = segments.number();
        yield new FaultPath(new Behaviour.Truncate(bytes), segments.rest());
      }
      case "redirect" -> {
        int status = segments.number();
        String file = segments.rest();
        yield new FaultPath(new Behaviour.Redirect(status, target(query, file)), file);
      }
      case "redirects" -> {
        int hops = segments.number();
        String file = segments.rest();
        String next = hops > 1 ? MARK + "redirects/" + (hops - 1) + file : file;
        yield new FaultPath(new Behaviour.Redirect(302, next), file);
      }
      case "redirect-loop" -> new FaultPath(new Behaviour.Redirect(302, path), segments.rest());
      case "hang" -> new FaultPath(new Behaviour.Hang(), segments.rest());
      case "reset" -> new FaultPath(new Behaviour.Reset(), segments.rest());
      case "endless" -> new FaultPath(new Behaviour.EndlessBody(), segments.rest());
      case "endless-headers" -> new FaultPath(new Behaviour.EndlessHeaders(), segments.rest());
      case "garbage" -> new FaultPath(new Behaviour.Garbage(), segments.rest());
      default -> throw new IllegalArgumentException("no fault is called '" + name + "'");
    };
  }

  private static String target(List<RequestHead.Parameter> query, String file) {
    return query.stream()
        .filter(parameter -> parameter.name().equals("to"))
        .map(RequestHead.Parameter::value)
        .findFirst()
        .orElse(file);
  }

  /** {@code header=Retry-After:2}, any number of them. */
  private static Map<String, String> headers(List<RequestHead.Parameter> query) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (RequestHead.Parameter parameter : query) {
      if (parameter.name().equals("header")) {
        int colon = parameter.value().indexOf(':');
        if (colon < 0) {
          throw new IllegalArgumentException("not NAME:VALUE: '" + parameter.value() + "'");
        }
        headers.put(
            parameter.value().substring(0, colon), parameter.value().substring(colon + 1).strip());
      }
    }
    return headers;
  }

  /** Walks through what follows the mark. Used by one thread. */
  private static final class Segments {
    private final List<String> segments;

    Segments(String path) {
      segments = new ArrayList<>(List.of(path.split("/", -1)));
    }

    String next() {
      if (segments.isEmpty()) {
        throw new IllegalArgumentException("the path ends too early");
      }
      return segments.removeFirst();
    }

    int number() {
      String text = next();
      try {
        int number = Integer.parseInt(text);
        if (number >= 0) {
          return number;
        }
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("not a number: '" + text + "'", e);
      }
      throw new IllegalArgumentException("negative: " + text);
    }

    /** What is left, with a leading slash. */
    String rest() {
      return "/" + String.join("/", segments);
    }
  }
}
