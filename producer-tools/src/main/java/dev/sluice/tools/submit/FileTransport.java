package dev.sluice.tools.submit;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** How the image of a local file gets to the worker. Immutable. */
sealed interface FileTransport {

  /**
   * Says what the request holds for {@code file}.
   *
   * @throws InputException if the file cannot be sent this way; the message says what else to do
   */
  Image send(Path file) throws InputException;

  /** What a request holds: the address of the image, or the image. */
  sealed interface Image {
    record Reference(String uri) implements Image {}

    record Bytes(ByteBuffer encoded) implements Image {}
  }

  /**
   * The request holds the file's bytes.
   *
   * @param maxBytes a larger file is refused before it is read
   */
  record Inline(long maxBytes) implements FileTransport {
    @Override
    public Image send(Path file) throws InputException {
      try {
        long size = sizeOf(file);
        if (size > maxBytes) {
          throw new InputException(
              String.format(
                  Locale.ROOT,
                  "has %,d bytes, more than the %,d that go into a request (brokers refuse records"
                      + " over 1 MiB unless told otherwise); let the worker fetch it with"
                      + " --base-url or --as-uri, or raise --inline-limit",
                  size,
                  maxBytes));
        }
        if (size == 0) {
          throw new InputException("is empty");
        }
        return new Image.Bytes(ByteBuffer.wrap(Files.readAllBytes(file)));
      } catch (IOException e) {
        throw unreadable(e);
      }
    }
  }

  /** The request holds a {@code file:} address; the worker must allow the folder it is in. */
  record FileAddress() implements FileTransport {
    @Override
    public Image send(Path file) throws InputException {
      try {
        sizeOf(file);
        return new Image.Reference(file.toRealPath().toUri().toString());
      } catch (IOException e) {
        throw unreadable(e);
      }
    }
  }

  /**
   * The request holds an address below {@code base}: the one under which a web server or an object
   * store serves the file.
   *
   * @param root the folder that {@code base} serves
   */
  record BaseAddress(URI base, Path root) implements FileTransport {
    @Override
    public Image send(Path file) throws InputException {
      try {
        sizeOf(file);
        Path served = root.toRealPath();
        Path real = file.toRealPath();
        if (!real.startsWith(served)) {
          throw new InputException("is not below " + served + ", which --base-url serves");
        }
        StringBuilder address = new StringBuilder(base.toString().replaceFirst("/+$", ""));
        for (Path part : served.relativize(real)) {
          address.append('/').append(encoded(part.toString()));
        }
        return new Image.Reference(address.toString());
      } catch (IOException e) {
        throw unreadable(e);
      }
    }

    private static String encoded(String part) {
      try {
        String path = new URI(null, null, "/" + part, null).toASCIIString().substring(1);
        // What URI leaves alone in a path but servers read differently.
        return path.replace("+", "%2B").replace(";", "%3B");
      } catch (URISyntaxException e) {
        throw new IllegalStateException("any file name can be encoded", e);
      }
    }
  }

  private static long sizeOf(Path file) throws IOException, InputException {
    if (!Files.exists(file)) {
      throw new InputException("no such file: " + file);
    }
    if (!Files.isRegularFile(file)) {
      throw new InputException("is not a file: " + file);
    }
    return Files.size(file);
  }

  private static InputException unreadable(IOException e) {
    return new InputException("cannot be read: " + e, e);
  }
}
