package dev.sluice.devstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A temporary folder for a server's data and logs, gone after {@link #close} or with the JVM. The
 * system property {@code sluice.devstack.keep=true} keeps it for a look at the logs.
 *
 * <p>Safe for any thread.
 */
public final class Scratch implements AutoCloseable {
  private final Path folder;
  private final Runnable atExit = this::delete;

  private Scratch(Path folder) {
    this.folder = folder;
  }

  /**
   * Creates one.
   *
   * @param name part of the folder's own name
   */
  public static Scratch create(String name) {
    try {
      Scratch scratch = new Scratch(Files.createTempDirectory("sluice-" + name + "-"));
      AtExit.register(scratch.atExit);
      return scratch;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create a temporary folder for " + name, e);
    }
  }

  /** The folder. */
  public Path folder() {
    return folder;
  }

  /** Deletes it with all that is in it. */
  @Override
  public void close() {
    delete();
    AtExit.remove(atExit);
  }

  /** The hook at the JVM's end and whoever closes may come at the same time. */
  private synchronized void delete() {
    if (Boolean.getBoolean("sluice.devstack.keep")) {
      return;
    }
    try {
      if (Files.exists(folder)) {
        Files.walkFileTree(folder, new Deleting());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + folder, e);
    }
  }

  private static final class Deleting extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.delete(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
