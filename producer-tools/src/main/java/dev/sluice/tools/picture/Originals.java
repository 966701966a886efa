package dev.sluice.tools.picture;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds the image that a result is about by the name the result carries. That name comes off the
 * wire: below given folders nothing outside them is opened, only regular files of bounded size are
 * read, and addresses are fetched only if the user said so. Thread-safe.
 */
public final class Originals {
  private static final int MAX_BYTES = 64 * 1024 * 1024;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final List<Path> folders;
  private final Optional<HttpClient> client;

  private Originals(List<Path> folders, Optional<HttpClient> client) {
    this.folders = List.copyOf(folders);
    this.client = client;
  }

  /**
   * Looks in these places.
   *
   * @param folders where to look; none: names are taken as files of this machine
   * @param fetch whether http and https addresses are fetched
   */
  public static Originals in(List<Path> folders, boolean fetch) {
    return new Originals(
        folders,
        fetch
            ? Optional.of(HttpClient.newBuilder().connectTimeout(TIMEOUT).build())
            : Optional.empty());
  }

  /**
   * Reads the encoded image.
   *
   * @throws IOException if it is not found or cannot be read; the message says what was looked for
   */
  public byte[] read(String source) throws IOException, InterruptedException {
    Optional<URI> address = address(source);
    for (Path candidate : candidates(source, address)) {
      if (Files.isRegularFile(candidate)) {
        if (Files.size(candidate) > MAX_BYTES) {
          throw new IOException(candidate + " is larger than 64 MiB");
        }
        return Files.readAllBytes(candidate);
      }
    }
    if (address.isPresent() && isWeb(address.get())) {
      if (client.isEmpty()) {
        throw new IOException(
            source
                + " is not among the files here; --images DIR says where it is, --fetch fetches"
                + " it");
      }
      return fetch(client.get(), address.get());
    }
    throw new IOException(
        source
            + " was not found"
            + (folders.isEmpty()
                ? "; --images DIR says where the photographs are"
                : " in " + folders));
  }

  private List<Path> candidates(String source, Optional<URI> address) throws IOException {
    String path =
        address.isEmpty() ? source : Optional.ofNullable(address.get().getPath()).orElse("");
    try {
      if (folders.isEmpty()) {
        boolean local = address.isEmpty() || "file".equals(address.get().getScheme());
        return local ? List.of(Path.of(path)) : List.of();
      }
      List<Path> candidates = new ArrayList<>();
      for (Path folder : folders) {
        Path root = folder.toRealPath();
        // The longest tail of the name first: DIR/a/b.jpg before DIR/b.jpg for /x/a/b.jpg.
        Path name = Path.of(path);
        for (int from = 0; from < name.getNameCount(); from++) {
          Path candidate = root.resolve(name.subpath(from, name.getNameCount())).normalize();
          if (candidate.startsWith(root)
              && Files.exists(candidate, LinkOption.NOFOLLOW_LINKS)
              && candidate.toRealPath().startsWith(root)) {
            candidates.add(candidate);
          }
        }
      }
      return candidates;
    } catch (InvalidPathException e) {
      throw new IOException("the result names its image as '" + source + "', which is no file", e);
    }
  }

  private static Optional<URI> address(String source) {
    if (!source.contains("://")) {
      return Optional.empty();
    }
    try {
      return Optional.of(new URI(source));
    } catch (URISyntaxException e) {
      // A strange name for a file, then.
      return Optional.empty();
    }
  }

  private static boolean isWeb(URI address) {
    String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
    return address.getHost() != null && (scheme.equals("http") || scheme.equals("https"));
  }

  private static byte[] fetch(HttpClient client, URI address)
      throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(address).timeout(TIMEOUT).build();
    HttpResponse<InputStream> response =
        client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      if (response.statusCode() != 200) {
        throw new IOException(address + " answered with status " + response.statusCode());
      }
      byte[] bytes = body.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException(address + " is larger than 64 MiB");
      }
      return bytes;
    }
  }
}
