package dev.sluice.worker.image;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.sluice.worker.model.ByteBudget.Reservation;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * Files under the configured roots. A path is judged by where it really is, links resolved, and
 * only a regular file is opened: a FIFO would block, a device has no end. Nothing is said about
 * what lies outside the roots, not even whether it is there. Safe for any thread.
 *
 * <p>A root that is gone, or empty, is taken for storage that is not mounted: what is missing below
 * it is missing for everybody and for a while, and not for good.
 *
 * <p>Known limits: whoever may rename folders inside a root while it is read can lead one read
 * outside; and a read from a file system that hangs is not cut off. Roots belong on storage that
 * producers do not write to as they like.
 */
final class FileSource {
  /** In bytes; of Linux, and no less than others have. */
  private static final int LONGEST_NAME = 255;

  private final List<Path> roots;
  private final Memory memory;

  /**
   * @throws UncheckedIOException when a root is not there
   */
  FileSource(List<Path> roots, Memory memory) {
    this.roots = roots.stream().map(FileSource::realRoot).toList();
    this.memory = memory;
  }

  /**
   * The root that a file is looked for under: what one circuit breaker watches.
   *
   * @throws TaskException with URI_FORBIDDEN when there is none
   */
  String origin(ImageUri.LocalFile uri) {
    return "file:" + root(uri, uri.path().normalize());
  }

  /**
   * Reads the file.
   *
   * @throws TaskException with URI_FORBIDDEN outside the roots or when it is no regular file
   */
  FetchedImage get(ImageUri.LocalFile uri, long renditionBytes, TimeLimit limit)
      throws InterruptedException {
    Path root = root(uri, uri.path().normalize());
    try {
      Path path = uri.path().toRealPath();
      root(uri, path);
      BasicFileAttributes attributes =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!attributes.isRegularFile()) {
        throw new TaskException(ErrorCode.URI_FORBIDDEN, uri + " is not a regular file");
      }
      return read(uri, path, attributes.size(), renditionBytes, limit);
    } catch (NoSuchFileException e) {
      if (isGone(root)) {
        throw new TaskException(
            ErrorCode.IMAGE_UNAVAILABLE,
            "the folder %s is gone or empty; is it mounted?".formatted(root),
            e);
      }
      throw new TaskException(ErrorCode.IMAGE_NOT_FOUND, "there is no " + uri, e);
    } catch (AccessDeniedException e) {
      throw new TaskException(ErrorCode.IMAGE_ACCESS_DENIED, uri + " may not be read", e);
    } catch (IOException e) {
      if (leadsNowhere(uri.path())) {
        throw new TaskException(ErrorCode.IMAGE_NOT_FOUND, "there can be no " + uri, e);
      }
      throw new TaskException(ErrorCode.IMAGE_UNAVAILABLE, uri + " cannot be read: " + e, e);
    }
  }

  /**
   * Whether there can be no file of this name, now or later: a name is too long, what should be a
   * folder is a file, or it is a link that cannot be followed. Java has no exceptions of their own
   * for these.
   */
  private static boolean leadsNowhere(Path path) {
    for (Path name : path) {
      if (name.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
        return true;
      }
    }
    for (Path above = path.getParent(); above != null; above = above.getParent()) {
      if (Files.isRegularFile(above)) {
        return true;
      }
    }
    return Files.isSymbolicLink(path) && !Files.exists(path);
  }

  private FetchedImage read(
      ImageUri.LocalFile uri, Path path, long size, long renditionBytes, TimeLimit limit)
      throws IOException, InterruptedException {
    Reservation reservation = memory.reserve(size, renditionBytes, uri, limit);
    boolean read = false;
    try (InputStream body = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
      byte[] bytes = memory.read(body, size, uri);
      read = true;
      return new FetchedImage(bytes, reservation);
    } finally {
      if (!read) {
        reservation.close();
      }
    }
  }

  @CanIgnoreReturnValue
  private Path root(ImageUri.LocalFile uri, Path path) {
    return roots.stream()
        .filter(path::startsWith)
        .findFirst()
        .orElseThrow(() ->
            new TaskException(
                ErrorCode.URI_FORBIDDEN,
                uri + " is not under a folder that may be read (images.file_roots)"));
  }

  private static boolean isGone(Path root) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
      return !entries.iterator().hasNext();
    } catch (IOException _) {
      return true; // It cannot be read: that is the answer.
    }
  }

  private static Path realRoot(Path root) {
    try {
      return root.toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException("images.file_roots: " + root + " is not there", e);
    }
  }
}
