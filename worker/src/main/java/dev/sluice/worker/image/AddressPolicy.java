package dev.sluice.worker.image;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.net.InetAddress;
import java.util.List;

/**
 * Which addresses the worker may reach for a producer. Immutable and pure: it resolves nothing, so
 * whoever connects must connect to one of the very addresses that were checked.
 *
 * <p>Entries are {@code [scheme://]host[:port]}: {@code https://*.example.com}, {@code
 * http://127.0.0.1:8000}, {@code https://images.internal:8443}, {@code http://10.1.0.0/16:*},
 * {@code s3://bucket}. Without a scheme an entry means http and https. Without a port an allow
 * entry means the scheme's usual one, a deny entry every one; {@code :*} is any. {@code
 * *.example.com} covers what is below example.com, not itself.
 *
 * <p>The rules, in this order:
 *
 * <ol>
 *   <li>what a deny entry matches, by name or by any resolved address, is refused;
 *   <li>unspecified and multicast addresses are refused;
 *   <li>when there are allow entries, one of them must match the name, or contain every resolved
 *       address; an empty list stands for every http and https host, and for no bucket;
 *   <li>a loopback, link-local, private or reserved address is refused unless an allow entry names
 *       the host exactly or contains the address. A wildcard does not reach inside: whoever
 *       controls a name below it decides what it resolves to.
 * </ol>
 */
public final class AddressPolicy {
  private final List<AddressPattern> allow;
  private final List<AddressPattern> deny;

  /**
   * @throws IllegalArgumentException naming the entry that cannot be read
   */
  public AddressPolicy(List<String> allow, List<String> deny) {
    this.allow = allow.stream().map(AddressPattern::parse).toList();
    this.deny = deny.stream().map(AddressPattern::parse).toList();
  }

  /** Whether any bucket may be read at all. */
  boolean allowsBuckets() {
    return allow.stream().anyMatch(AddressPattern::isBucket);
  }

  /** Refuses a bucket that no allow entry names, or that a deny entry does. */
  void checkBucket(ImageUri.S3 uri) {
    if (deny.stream().anyMatch(entry -> entry.matchesBucket(uri.bucket()))) {
      throw forbidden(uri.origin() + " is denied (images.deny)");
    }
    if (allow.stream().noneMatch(entry -> entry.matchesBucket(uri.bucket()))) {
      throw forbidden(uri.origin() + " is not allowed: no entry of images.allow names the bucket");
    }
  }

  /**
   * Refuses by name alone, before anything is resolved: what cannot be allowed is not looked up.
   */
  void checkHost(ImageUri.Http uri) {
    for (AddressPattern entry : deny) {
      if (!entry.isBucket() && entry.deniesSchemeAndPort(uri) && entry.matchesName(uri.host())) {
        throw forbidden(uri.origin() + " is denied (images.deny)");
      }
    }
    boolean possible =
        allow.isEmpty()
            || allow.stream()
                .filter(entry -> !entry.isBucket() && entry.allowsSchemeAndPort(uri))
                .anyMatch(entry -> entry.isRange() || entry.matchesName(uri.host()));
    if (!possible) {
      throw forbidden(uri.origin() + " is not allowed: no entry of images.allow matches it");
    }
  }

  /**
   * Refuses a host for what it has resolved to; one bad address is enough.
   *
   * @param addresses all that the host resolved to, not empty
   */
  void checkAddresses(ImageUri.Http uri, List<InetAddress> addresses) {
    checkHost(uri);
    for (InetAddress address : addresses) {
      checkAddress(uri, address);
    }
  }

  private void checkAddress(ImageUri.Http uri, InetAddress resolved) {
    byte[] address = resolved.getAddress();
    String where = uri.origin() + " (" + resolved.getHostAddress() + ")";
    for (AddressPattern entry : deny) {
      if (entry.deniesSchemeAndPort(uri) && entry.contains(address)) {
        throw forbidden(where + " is denied (images.deny)");
      }
    }
    AddressKind kind = AddressKind.of(address);
    if (kind == AddressKind.UNSPECIFIED || kind == AddressKind.MULTICAST) {
      throw forbidden(where + " is " + kind.phrase() + ", which is never allowed");
    }
    boolean named = false;
    boolean matched = allow.isEmpty();
    for (AddressPattern entry : allow) {
      if (entry.isBucket() || !entry.allowsSchemeAndPort(uri)) {
        continue;
      }
      boolean exactly =
          entry.contains(address)
              || (entry.host() instanceof AddressPattern.Host.Exactly
                  && entry.matchesName(uri.host()));
      named |= exactly;
      matched |= exactly || entry.matchesName(uri.host());
    }
    if (!matched) {
      throw forbidden(where + " is not allowed: no entry of images.allow matches it");
    }
    if (kind != AddressKind.PUBLIC && !named) {
      throw forbidden(
          where
              + " is "
              + kind.phrase()
              + "; allowed only when an entry of images.allow names the host or the address");
    }
  }

  private static TaskException forbidden(String message) {
    return new TaskException(ErrorCode.URI_FORBIDDEN, message);
  }
}
