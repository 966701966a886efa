package dev.sluice.worker.image;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/** An image's address in the one form in which it is checked and used. Pure. */
sealed interface ImageUri {
  int MAX_LENGTH = 8192;
  Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*");
  Pattern PORT = Pattern.compile("[0-9]{1,5}");

  /**
   * {@code http} or {@code https}.
   *
   * @param secure whether it is https
   * @param port never left open
   * @param target path and query as they go into the request line, not empty
   */
  record Http(boolean secure, HostName host, int port, String target) implements ImageUri {
    static final int HTTP_PORT = 80;
    static final int HTTPS_PORT = 443;

    public Http {
      requireNonNull(host, "host is null");
      requireNonNull(target, "target is null");
    }

    String scheme() {
      return secure ? "https" : "http";
    }

    /** Scheme, host and port: what one circuit breaker watches. */
    String origin() {
      boolean usual = port == (secure ? HTTPS_PORT : HTTP_PORT);
      return scheme() + "://" + host.inUri() + (usual ? "" : ":" + port);
    }

    URI uri() {
      return URI.create(origin() + target);
    }

    /** For people: without the query, which may hold a signature. */
    @Override
    public String toString() {
      int query = target.indexOf('?');
      return origin() + (query < 0 ? target : target.substring(0, query));
    }

    /** Where a Location header leads, whatever its scheme. */
    ImageUri redirect(String location) {
      try {
        return parse(uri().resolve(new URI(location)).toString());
      } catch (URISyntaxException | TaskException e) {
        throw forbidden(this + " redirects to what is no address: " + reason(e));
      }
    }

    private static String reason(Exception e) {
      return e instanceof TaskException task ? String.valueOf(task.getMessage()) : "not a URI";
    }
  }

  /** {@code s3://bucket/key}; the key is literal, as the AWS command line takes it. */
  record S3(String bucket, String key) implements ImageUri {
    private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,254}");
    private static final int MAX_KEY = 1024;

    private static S3 parse(String rest) {
      int slash = rest.indexOf('/');
      String bucket = slash < 0 ? rest : rest.substring(0, slash);
      String key = slash < 0 ? "" : rest.substring(slash + 1);
      if (!BUCKET.matcher(bucket).matches()) {
        throw invalid("an s3 address is s3://bucket/key, with a bucket's name and no more");
      }
      if (key.isEmpty() || key.length() > MAX_KEY) {
        throw invalid("the key of an s3 address has from 1 to " + MAX_KEY + " characters");
      }
      for (String segment : key.split("/", -1)) {
        // A store that normalises paths would leave the bucket with these.
        if (segment.equals("..") || segment.equals(".")) {
          throw forbidden("the key of an s3 address has no . or .. between slashes");
        }
      }
      return new S3(bucket, key);
    }

    String origin() {
      return "s3://" + bucket;
    }

    @Override
    public String toString() {
      return origin() + "/" + key;
    }
  }

  /** {@code file:}; the path is absolute and not yet checked against the roots. */
  record LocalFile(Path path) implements ImageUri {
    @Override
    public String toString() {
      return "file:" + path;
    }
  }

  /**
   * Reads what a producer wrote.
   *
   * @throws TaskException with INVALID_REQUEST when it is no address, URI_FORBIDDEN when it is one
   *     of a kind that is never fetched; the message repeats no user name or password
   */
  static ImageUri parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw invalid("image_uri is longer than " + MAX_LENGTH + " characters");
    }
    int colon = text.indexOf(':');
    if (colon <= 0 || !SCHEME.matcher(text.substring(0, colon)).matches()) {
      throw invalid("image_uri has no scheme: http, https, s3 or file");
    }
    if (text.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      throw invalid("image_uri has control characters");
    }
    String scheme = text.substring(0, colon).toLowerCase(Locale.ROOT);
    String rest = text.substring(colon + 1);
    return switch (scheme) {
      case "http", "https" -> http(scheme.equals("https"), text);
      case "s3" -> {
        if (!rest.startsWith("//")) {
          throw invalid("an s3 address is s3://bucket/key");
        }
        yield S3.parse(rest.substring(2));
      }
      case "file" -> file(text);
      default -> throw forbidden("the scheme " + scheme + " is none of http, https, s3 and file");
    };
  }

  private static Http http(boolean secure, String text) {
    URI uri = uri(text);
    String authority = uri.getRawAuthority();
    if (authority == null || uri.isOpaque()) {
      throw invalid("image_uri has no host");
    }
    if (authority.indexOf('@') >= 0) {
      throw forbidden("image_uri holds a user name or password, which is never sent");
    }
    int bracket = authority.lastIndexOf(']');
    int colon = authority.indexOf(':', Math.max(bracket, 0));
    String host = colon < 0 ? authority : authority.substring(0, colon);
    int port = port(colon < 0 ? "" : authority.substring(colon + 1), secure);
    // Characters outside ASCII may stand in a path as they are; they are sent percent-encoded.
    String encoded = uri.toASCIIString();
    URI ascii = encoded.equals(text) ? uri : URI.create(encoded);
    String path = ascii.getRawPath().isEmpty() ? "/" : ascii.getRawPath();
    String query = ascii.getRawQuery() == null ? "" : "?" + ascii.getRawQuery();
    try {
      return new Http(secure, HostName.parse(host), port, path + query);
    } catch (IllegalArgumentException e) {
      throw forbidden("image_uri: " + e.getMessage());
    }
  }

  private static int port(String text, boolean secure) {
    if (text.isEmpty()) {
      return secure ? Http.HTTPS_PORT : Http.HTTP_PORT;
    }
    int port = PORT.matcher(text).matches() ? Integer.parseInt(text) : 0;
    if (port < 1 || port > 65535) {
      throw invalid("image_uri has a port that is not from 1 to 65535");
    }
    return port;
  }

  private static LocalFile file(String text) {
    URI uri = uri(text);
    String host = uri.getRawAuthority();
    if (host != null && !host.isEmpty() && !host.equalsIgnoreCase("localhost")) {
      throw forbidden("a file address names no host: file:///path");
    }
    if (uri.getPath() == null || !uri.getPath().startsWith("/")) {
      throw invalid("a file address has an absolute path: file:///path");
    }
    try {
      return new LocalFile(Path.of(uri.getPath()));
    } catch (InvalidPathException e) {
      throw invalid("a file address has a path that is none: " + e.getReason());
    }
  }

  private static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw invalid(
          "image_uri is not a URI: %s at character %d; is it percent-encoded?"
              .formatted(e.getReason(), e.getIndex()));
    }
  }

  private static TaskException invalid(String message) {
    return new TaskException(ErrorCode.INVALID_REQUEST, message);
  }

  private static TaskException forbidden(String message) {
    return new TaskException(ErrorCode.URI_FORBIDDEN, message);
  }
}
