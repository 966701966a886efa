package dev.sluice.tools.submit;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;

/** Where the image of one request is, as the user named it. */
sealed interface ImageReference {

  /** Name for people and for the metadata of the request. Holds no credentials. */
  String name();

  /** A file that this program can read. */
  record File(Path path) implements ImageReference {
    @Override
    public String name() {
      return path.toString();
    }
  }

  /** An address that the worker fetches. */
  record Address(URI uri) implements ImageReference {

    /**
     * The address without user information, query and fragment: those carry passwords and the
     * signatures of presigned links, and this name is printed and stored.
     */
    @Override
    public String name() {
      try {
        if (uri.getRawAuthority() == null || uri.getHost() != null) {
          return new URI(
                  uri.getScheme(), null, uri.getHost(), uri.getPort(), uri.getPath(), null, null)
              .toString();
        }
        // s3://my_bucket/key: an authority that is not a host name, which may still hold user@.
        String authority = uri.getAuthority();
        return new URI(
                uri.getScheme(),
                authority.substring(authority.lastIndexOf('@') + 1),
                uri.getPath(),
                null,
                null)
            .toString();
      } catch (URISyntaxException e) {
        throw new IllegalStateException("a valid address has a valid shorter form", e);
      }
    }
  }
}
