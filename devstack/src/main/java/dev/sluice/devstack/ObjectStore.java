package dev.sluice.devstack;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A real S3 service (S3Proxy) over a folder, a process of its own that can be stopped, killed and
 * started again on the same port and objects. Listens on the loopback address only; requests are
 * signed, buckets are addressed by path.
 *
 * <p>Safe for any thread. Methods block until what they name has happened; they throw {@link
 * ServerException} with the end of the server's log when it does not.
 */
public final class ObjectStore implements DevstackServer {
  // S3Proxy takes what others may read on disk for a public object or bucket.
  private static final Set<PosixFilePermission> OWNER_ONLY_FOLDER =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> OWNER_ONLY_FILE =
      PosixFilePermissions.fromString("rw-------");

  private final Scratch scratch;
  private final Path objects;
  private final Server server;
  private final Credentials credentials;
  private final int port;

  /** What requests are signed with. */
  public record Credentials(String accessKeyId, String secretAccessKey) {}

  private ObjectStore(
      Scratch scratch, Path objects, Server server, Credentials credentials, int port) {
    this.scratch = scratch;
    this.objects = objects;
    this.server = server;
    this.credentials = credentials;
    this.port = port;
  }

  /** Starts a store on any free port and waits until it answers. */
  public static ObjectStore launch() {
    return launch(0);
  }

  /**
   * Starts a store and waits until it answers.
   *
   * @param port used when it is free; 0: any free port
   */
  public static ObjectStore launch(int port) {
    Scratch scratch = Scratch.create("object-store");
    Path objects = scratch.folder().resolve("objects");
    createFolder(objects);
    int chosen = Ports.preferring(port);
    Credentials credentials = new Credentials("sluice", "sluice-local-secret");
    Server server = Launcher.current().objectStore(chosen, credentials, objects, scratch.folder());
    ObjectStore store = new ObjectStore(scratch, objects, server, credentials, chosen);
    try {
      store.start();
      return store;
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** The S3 endpoint. */
  public String endpoint() {
    return "http://127.0.0.1:" + port;
  }

  /** What requests have to be signed with; any region will do. */
  public Credentials credentials() {
    return credentials;
  }

  /** Creates a bucket; does nothing when it is there. */
  public void createBucket(String bucket) {
    createFolder(inside(objects, bucket));
  }

  /** Puts a private object into a bucket that is there; replaces what has the same key. */
  public void put(String bucket, String key, byte[] content) {
    Path folder = inside(objects, bucket);
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException("no such bucket: " + bucket);
    }
    Path object = inside(folder, key);
    createFolder(requireNonNull(object.getParent(), "an object lies in a bucket"));
    try {
      Files.write(object, content);
      Files.setPosixFilePermissions(object, OWNER_ONLY_FILE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot put s3://" + bucket + "/" + key, e);
    }
  }

  /** Starts it after {@link #stop} or {@link #kill}. */
  public void start() {
    server.start();
    Readiness.await(server, () -> Readiness.accepts(port) && Http.status(endpoint()) != 0);
  }

  /** Stops it in order. */
  public void stop() {
    server.stop();
  }

  /** Kills it, as SIGKILL does. */
  public void kill() {
    server.kill();
  }

  /** Whether its process is there. */
  public boolean isRunning() {
    return server.isAlive();
  }

  /** The last lines that it logged. */
  public String logTail() {
    return server.logTail();
  }

  /** As {@link #endpoint}. */
  @Override
  public String address() {
    return endpoint();
  }

  /** Kills it and deletes its objects. */
  @Override
  public void close() {
    server.close();
    scratch.close();
  }

  private static Path inside(Path folder, String relative) {
    Path path = folder.resolve(relative).normalize();
    if (!path.startsWith(folder) || path.equals(folder)) {
      throw new IllegalArgumentException("not a name inside the store: '" + relative + "'");
    }
    return path;
  }

  private static void createFolder(Path folder) {
    try {
      Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY_FOLDER));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + folder, e);
    }
  }
}
