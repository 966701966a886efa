package dev.sluice.tools.submit;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Tells addresses from file names, and refuses the ones that no worker fetches. */
final class Addresses {
  private static final Pattern SCHEME =
      Pattern.compile("^[A-Za-z][A-Za-z0-9+.-]*://.*", Pattern.DOTALL);
  private static final Set<String> FETCHED = Set.of("http", "https", "s3", "file");

  private Addresses() {}

  static boolean isAddress(String text) {
    return SCHEME.matcher(text).matches();
  }

  static ImageReference.Address parse(String text) throws InputException {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new InputException(
          "not a valid address: "
              + e.getReason()
              + " at character "
              + (e.getIndex() + 1)
              + " (blanks and other special characters must be percent-encoded)",
          e);
    }
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    if (!FETCHED.contains(scheme)) {
      throw new InputException(
          "workers do not fetch " + scheme + ": addresses; use http, https, s3 or file");
    }
    if (!scheme.equals("file")
        && (uri.getRawAuthority() == null || uri.getRawAuthority().isEmpty())) {
      throw new InputException("the address names no " + (scheme.equals("s3") ? "bucket" : "host"));
    }
    return new ImageReference.Address(uri);
  }
}
