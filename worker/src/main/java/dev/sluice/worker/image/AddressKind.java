package dev.sluice.worker.image;

import java.util.Arrays;
import java.util.List;

/**
 * What sort of address a host has resolved to, from the IANA registries of special-purpose
 * addresses (RFC 6890 and its successors for IPv4 and IPv6). Only {@link #PUBLIC} is reached
 * unasked. Pure.
 */
enum AddressKind {
  PUBLIC("a public address"),
  UNSPECIFIED("an unspecified address"),
  LOOPBACK("a loopback address"),
  LINK_LOCAL("a link-local address"),
  PRIVATE("a private address"),
  MULTICAST("a multicast address"),
  RESERVED("a reserved address");

  private record Entry(AddressRange range, AddressKind kind) {
    static Entry of(String range, AddressKind kind) {
      return new Entry(AddressRange.parse(range), kind);
    }
  }

  /** IPv4 and IPv6 side by side; the first range that contains an address decides. */
  private static final List<Entry> SPECIAL =
      List.of(
          Entry.of("0.0.0.0/32", UNSPECIFIED),
          Entry.of("0.0.0.0/8", RESERVED),
          Entry.of("10.0.0.0/8", PRIVATE),
          Entry.of("100.64.0.0/10", PRIVATE),
          Entry.of("127.0.0.0/8", LOOPBACK),
          Entry.of("169.254.0.0/16", LINK_LOCAL),
          // Public by number, but in Azure every virtual machine reaches the platform's own there.
          Entry.of("168.63.129.16/32", RESERVED),
          Entry.of("172.16.0.0/12", PRIVATE),
          Entry.of("192.0.0.0/24", RESERVED),
          Entry.of("192.0.2.0/24", RESERVED),
          Entry.of("192.88.99.0/24", RESERVED),
          Entry.of("192.168.0.0/16", PRIVATE),
          Entry.of("198.18.0.0/15", RESERVED),
          Entry.of("198.51.100.0/24", RESERVED),
          Entry.of("203.0.113.0/24", RESERVED),
          Entry.of("224.0.0.0/4", MULTICAST),
          Entry.of("240.0.0.0/4", RESERVED),
          Entry.of("0.0.0.0/0", PUBLIC),
          Entry.of("::/128", UNSPECIFIED),
          Entry.of("::1/128", LOOPBACK),
          Entry.of("fc00::/7", PRIVATE),
          Entry.of("fe80::/10", LINK_LOCAL),
          Entry.of("fec0::/10", PRIVATE),
          Entry.of("ff00::/8", MULTICAST),
          // Protocol assignments, Teredo and ORCHID among them.
          Entry.of("2001::/23", RESERVED),
          Entry.of("2001:db8::/32", RESERVED),
          // 6to4 (RFC 7526 retires it): carries an IPv4 address that somebody else would reach.
          Entry.of("2002::/16", RESERVED),
          Entry.of("3fff::/20", RESERVED),
          Entry.of("2000::/3", PUBLIC),
          Entry.of("::/0", RESERVED));

  private static final AddressRange NAT64 = AddressRange.parse("64:ff9b::/96");
  private static final int IPV6_LENGTH = 16;

  private final String phrase;

  AddressKind(String phrase) {
    this.phrase = phrase;
  }

  /** "a loopback address", for messages. */
  String phrase() {
    return phrase;
  }

  /**
   * The kind of an address of 4 or 16 bytes. An IPv6 address that stands for an IPv4 one (mapped,
   * RFC 4291; NAT64, RFC 6052) is of that one's kind.
   */
  static AddressKind of(byte[] address) {
    byte[] meant = unwrapped(address);
    for (Entry entry : SPECIAL) {
      if (entry.range().contains(meant)) {
        return entry.kind();
      }
    }
    return RESERVED;
  }

  /** The IPv4 address that an IPv6 one stands for, or the address itself. */
  static byte[] unwrapped(byte[] address) {
    if (address.length == IPV6_LENGTH && (isMapped(address) || NAT64.contains(address))) {
      return Arrays.copyOfRange(address, 12, IPV6_LENGTH);
    }
    return address;
  }

  /**
   * {@code ::ffff:0:0/96}, which cannot be written as a range: Java reads it as an IPv4 address.
   */
  private static boolean isMapped(byte[] address) {
    for (int i = 0; i < 10; i++) {
      if (address[i] != 0) {
        return false;
      }
    }
    return address[10] == -1 && address[11] == -1;
  }
}
