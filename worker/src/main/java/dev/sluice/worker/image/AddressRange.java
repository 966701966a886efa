package dev.sluice.worker.image;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * A block of addresses, as CIDR (RFC 4632, RFC 4291) writes it. Pure.
 *
 * @param network 4 or 16 bytes; those past the prefix are zero
 * @param prefix how many leading bits count
 */
record AddressRange(byte[] network, int prefix) {
  AddressRange {
    network = network.clone();
    if (prefix < 0 || prefix > network.length * 8) {
      throw new IllegalArgumentException("a prefix of " + prefix + " bits");
    }
    for (int bit = prefix; bit < network.length * 8; bit++) {
      if ((network[bit / 8] >> (7 - bit % 8) & 1) != 0) {
        throw new IllegalArgumentException(
            "the address has bits set past its prefix of " + prefix + " bits");
      }
    }
  }

  /**
   * Reads {@code 10.0.0.0/8}, {@code fc00::/7} or a single address.
   *
   * @throws IllegalArgumentException when it is none
   */
  static AddressRange parse(String text) {
    int slash = text.indexOf('/');
    byte[] network =
        InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash)).getAddress();
    int prefix =
        slash < 0 ? network.length * 8 : Integer.parseUnsignedInt(text.substring(slash + 1));
    return new AddressRange(network, prefix);
  }

  /** Whether the address, of 4 or 16 bytes, lies in this range; never across the families. */
  boolean contains(byte[] address) {
    if (address.length != network.length) {
      return false;
    }
    int whole = prefix / 8;
    if (!Arrays.equals(address, 0, whole, network, 0, whole)) {
      return false;
    }
    int rest = prefix % 8;
    return rest == 0 || (address[whole] ^ network[whole]) >> (8 - rest) == 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AddressRange(byte[] bytes, int bits)
        && bits == prefix
        && Arrays.equals(bytes, network);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(network) * 31 + prefix;
  }
}
