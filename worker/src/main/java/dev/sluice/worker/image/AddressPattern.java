package dev.sluice.worker.image;

import java.util.Locale;
import java.util.Set;

/**
 * One entry of an allow or deny list: {@code [scheme://]host[:port]}. Pure.
 *
 * @param scheme http, https, s3, or empty for http and https
 * @param host what it matches
 * @param port {@link #USUAL_PORT}, {@link #ANY_PORT}, or the port
 */
record AddressPattern(String scheme, Host host, int port) {
  /** The scheme's own: 80 or 443. */
  static final int USUAL_PORT = 0;

  /** Written {@code :*}. */
  static final int ANY_PORT = -1;

  private static final Set<String> SCHEMES = Set.of("http", "https", "s3");

  /** What stands for the host. */
  sealed interface Host {
    /** {@code *}: every host, or every bucket. */
    record Any() implements Host {}

    /** {@code images.example.com}: this host or bucket. */
    record Exactly(String name) implements Host {}

    /** {@code *.example.com}: every host below it, not itself. */
    record Below(String suffix) implements Host {}

    /** {@code 10.1.0.0/16}, {@code 127.0.0.1}, {@code [fd00::]/8}: what resolves into it. */
    record Within(AddressRange range) implements Host {}
  }

  /**
   * Reads an entry.
   *
   * @throws IllegalArgumentException saying what is wrong with it and how entries are written
   */
  static AddressPattern parse(String text) {
    try {
      int mark = text.indexOf("://");
      String scheme = mark < 0 ? "" : text.substring(0, mark).toLowerCase(Locale.ROOT);
      if (mark >= 0 && !SCHEMES.contains(scheme)) {
        throw new IllegalArgumentException("the scheme is http, https or s3");
      }
      String rest = mark < 0 ? text : text.substring(mark + 3);
      String host = rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest;
      if (scheme.equals("s3")) {
        return new AddressPattern(scheme, bucket(host), ANY_PORT);
      }
      int port = USUAL_PORT;
      int colon = host.lastIndexOf(':');
      boolean bareIpv6 = !host.startsWith("[") && host.indexOf(':') != colon;
      if (!bareIpv6 && colon > host.lastIndexOf(']')) {
        port = port(host.substring(colon + 1));
        host = host.substring(0, colon);
      }
      return new AddressPattern(scheme, host(host), port);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is no address pattern ([scheme://]host[:port], the host a name, *.name, *, an"
              + " address or a range such as 10.0.0.0/8; s3://bucket): "
              + e.getMessage(),
          e);
    }
  }

  /** Whether the entry is about this scheme and port, for an allow list. */
  boolean allowsSchemeAndPort(ImageUri.Http uri) {
    boolean usual =
        uri.port() == (uri.secure() ? ImageUri.Http.HTTPS_PORT : ImageUri.Http.HTTP_PORT);
    return (scheme.isEmpty() || scheme.equals(uri.scheme()))
        && (port == ANY_PORT || port == uri.port() || (port == USUAL_PORT && usual));
  }

  /** The same for a deny list, where what is not said means all. */
  boolean deniesSchemeAndPort(ImageUri.Http uri) {
    return (scheme.isEmpty() || scheme.equals(uri.scheme()))
        && (port == ANY_PORT || port == USUAL_PORT || port == uri.port());
  }

  /** Whether the entry names this host, addresses aside. */
  boolean matchesName(HostName name) {
    return switch (host) {
      case Host.Any() -> true;
      case Host.Exactly(String exact) -> exact.equals(name.text());
      case Host.Below(String suffix) -> !name.literal() && name.text().endsWith("." + suffix);
      case Host.Within(AddressRange range) -> false;
    };
  }

  /** Whether the entry is a range with this address, of 4 or 16 bytes, in it. */
  boolean contains(byte[] address) {
    return host instanceof Host.Within(AddressRange range)
        && (range.contains(address) || range.contains(AddressKind.unwrapped(address)));
  }

  boolean isRange() {
    return host instanceof Host.Within;
  }

  boolean isBucket() {
    return scheme.equals("s3");
  }

  boolean matchesBucket(String bucket) {
    return isBucket()
        && switch (host) {
          case Host.Any() -> true;
          case Host.Exactly(String name) -> name.equals(bucket);
          case Host.Below(String suffix) -> false;
          case Host.Within(AddressRange range) -> false;
        };
  }

  private static Host bucket(String text) {
    if (text.equals("*")) {
      return new Host.Any();
    }
    if (!text.matches("[A-Za-z0-9][A-Za-z0-9._-]{1,254}")) {
      throw new IllegalArgumentException("the bucket is a bucket's name or *");
    }
    return new Host.Exactly(text);
  }

  private static Host host(String text) {
    if (text.equals("*")) {
      return new Host.Any();
    }
    if (text.startsWith("*.")) {
      return new Host.Below(HostName.parse(text.substring(2)).text());
    }
    if (text.indexOf('/') >= 0 || text.indexOf(':') >= 0) {
      return new Host.Within(AddressRange.parse(text.replace("[", "").replace("]", "")));
    }
    HostName name = HostName.parse(text);
    return name.literal()
        ? new Host.Within(AddressRange.parse(name.text()))
        : new Host.Exactly(name.text());
  }

  private static int port(String text) {
    if (text.equals("*")) {
      return ANY_PORT;
    }
    int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("the port is from 1 to 65535, or *");
    }
    return port;
  }
}
