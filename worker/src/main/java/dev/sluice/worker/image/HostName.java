package dev.sluice.worker.image;

import java.net.IDN;
import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A host in the one form in which hosts are compared and resolved: lower case, IDN in its ASCII
 * form (RFC 5891; full-width digits and dots become plain ones), no trailing dot, addresses as Java
 * prints them. Pure.
 *
 * @param text such a form
 * @param literal whether it is an IP address, which needs no resolving
 */
record HostName(String text, boolean literal) {
  private static final int MAX_LENGTH = 253;
  private static final Pattern LABELS =
      Pattern.compile(
          "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*");
  private static final Pattern NUMERIC_LABEL = Pattern.compile("(.*\\.)?([0-9]+|0x[0-9a-f]*)");
  private static final Pattern DOTTED_DECIMAL =
      Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");

  /**
   * Reads the host of a URI.
   *
   * @throws IllegalArgumentException saying what is wrong with it. A host whose last label is a
   *     number must be a dotted decimal IPv4 address, as the WHATWG URL standard has it:
   *     2130706433, 0x7f.1 and 0177.0.0.1 mean 127.0.0.1 to some resolvers and something else to
   *     others.
   */
  static HostName parse(String host) {
    if (host.startsWith("[") && host.endsWith("]")) {
      return ipv6(host.substring(1, host.length() - 1));
    }
    String ascii = IDN.toASCII(host).toLowerCase(Locale.ROOT);
    String name = ascii.endsWith(".") ? ascii.substring(0, ascii.length() - 1) : ascii;
    if (name.length() > MAX_LENGTH || !LABELS.matcher(name).matches()) {
      throw new IllegalArgumentException("the host is not a name or an address");
    }
    if (!NUMERIC_LABEL.matcher(name).matches()) {
      return new HostName(name, false);
    }
    if (!DOTTED_DECIMAL.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "the host is a number that is not a dotted decimal IPv4 address");
    }
    return new HostName(InetAddress.ofLiteral(name).getHostAddress(), true);
  }

  private static HostName ipv6(String literal) {
    if (literal.indexOf(':') < 0 || literal.indexOf('%') >= 0) {
      throw new IllegalArgumentException("the host is not an IPv6 address without a zone");
    }
    return new HostName(InetAddress.ofLiteral(literal).getHostAddress(), true);
  }

  /** As it stands in a URI: IPv6 addresses in brackets. */
  String inUri() {
    return text.indexOf(':') >= 0 ? "[" + text + "]" : text;
  }
}
