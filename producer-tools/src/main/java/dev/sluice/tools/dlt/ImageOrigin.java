package dev.sluice.tools.dlt;

import dev.sluice.tools.Text;
import dev.sluice.v1.InferenceRequest;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an image comes from: {@code scheme://host[:port]}, in lower case, without the scheme's own
 * port and without credentials; {@link #INLINE} for an image inside its request; {@link
 * DeadLetter#UNKNOWN} for what is no address. Outages and wrong permissions come by origin. Pure.
 */
final class ImageOrigin {

  static final String INLINE = "inline";

  /** Addresses off the wire may be anything; nobody's host name is longer. */
  private static final int MAX_LENGTH = 300;

  /** RFC 3986, as loosely as browsers read it: paths with blanks are common. */
  private static final Pattern ADDRESS =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]{0,31})://([^/?#\\\\]*).*", Pattern.DOTALL);

  private static final Pattern OWN_PORT = Pattern.compile("(http://.*):80|(https://.*):443");

  private ImageOrigin() {}

  /** The origin of a request's image. */
  static String of(InferenceRequest request) {
    if (request.getImageUri() != null) {
      return of(request.getImageUri());
    }
    return request.getImageBytes() == null ? DeadLetter.UNKNOWN : INLINE;
  }

  /** The origin in an address. An origin's own origin is itself. */
  static String of(String address) {
    Matcher matcher = ADDRESS.matcher(address);
    if (!matcher.matches()) {
      return DeadLetter.UNKNOWN;
    }
    String authority = matcher.group(2);
    String host = authority.substring(authority.lastIndexOf('@') + 1);
    String origin = (matcher.group(1) + "://" + host).toLowerCase(Locale.ROOT);
    Matcher ownPort = OWN_PORT.matcher(origin);
    if (ownPort.matches()) {
      origin = ownPort.group(1) == null ? ownPort.group(2) : ownPort.group(1);
    }
    return Text.shortened(origin, MAX_LENGTH);
  }
}
