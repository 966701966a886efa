package dev.sluice.devstack;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP server in this JVM that serves the files of a folder and misbehaves on demand, as {@link
 * Behaviour} lists: for all paths that start in a certain way ({@link #behave}), or for a request
 * that asks for it by its path, so that other processes can ask too:
 *
 * <pre>
 * /fault/status/503/a.jpg?header=Retry-After:2   any status, with headers
 * /fault/delay/500/a.jpg                         after 500 ms
 * /fault/first/2/fault/status/503/a.jpg          the first two requests only, then the file
 * /fault/drip/100/50/a.jpg                       100 bytes every 50 ms
 * /fault/truncate/1000/a.jpg                     1000 bytes of a body announced whole
 * /fault/type/text/html/a.jpg                    under the type text/html
 * /fault/redirect/302/a.jpg?to=URL               to a URL, without one to a.jpg
 * /fault/redirects/5/a.jpg                       five redirects, then the file
 * /fault/redirect-loop/a.jpg                     to itself
 * /fault/hang/a.jpg    /fault/reset/a.jpg    /fault/garbage/a.jpg
 * /fault/endless/a.jpg    /fault/endless-headers/a.jpg
 * </pre>
 *
 * <p>Listens on the loopback address only. Safe for any thread; each connection has a virtual
 * thread.
 */
public final class ImageServer implements DevstackServer {
  private static final Logger log = LoggerFactory.getLogger(ImageServer.class);

  private final Path folder;
  private final ServerSocket listener;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> requests = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  private ImageServer(Path folder, ServerSocket listener) {
    this.folder = folder;
    this.listener = listener;
  }

  /** Serves a folder and its subfolders on any free port. */
  public static ImageServer launch(Path folder) {
    return launch(folder, 0);
  }

  /**
   * Serves a folder and its subfolders.
   *
   * @param port used when it is free; 0: any free port
   */
  public static ImageServer launch(Path folder, int port) {
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException("not a folder: " + folder);
    }
    int chosen = Ports.preferring(port);
    try {
      ServerSocket listener = new ServerSocket(chosen, 256, InetAddress.getLoopbackAddress());
      ImageServer server = new ImageServer(folder.toAbsolutePath().normalize(), listener);
      Thread.ofVirtual().name("image-server").start(server::accept);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on port " + chosen, e);
    }
  }

  /** Its base URL, without a slash at the end. */
  public String url() {
    return "http://127.0.0.1:" + listener.getLocalPort();
  }

  /** The URL of a path here. */
  public String url(String path) {
    return url() + (path.startsWith("/") ? path : "/" + path);
  }

  /**
   * From now on treats requests in a certain way.
   *
   * @param pathPrefix for paths that start like this; the longest that fits counts
   */
  public void behave(String pathPrefix, Behaviour behaviour) {
    behaviours.put(pathPrefix, behaviour);
  }

  /** Ends a {@link #behave}; the counts of requests go on. */
  public void behaveAgain(String pathPrefix) {
    behaviours.remove(pathPrefix);
  }

  /** Forgets all behaviours and counts. */
  public void reset() {
    behaviours.clear();
    requests.clear();
  }

  /** How many requests for a path (decoded, without its query) have come. */
  public int requests(String path) {
    AtomicInteger count = requests.get(path);
    return count == null ? 0 : count.get();
  }

  /** How many requests have come in all. */
  public int requests() {
    return requests.values().stream().mapToInt(AtomicInteger::get).sum();
  }

  /** As {@link #url()}. */
  @Override
  public String address() {
    return url();
  }

  /** Ends all connections, those that hang too. */
  @Override
  public void close() {
    closed.countDown();
    try {
      listener.close();
      for (Socket connection : connections) {
        connection.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the image server", e);
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket connection = listener.accept();
        connections.add(connection);
        Thread.ofVirtual().name("image-server-connection").start(() -> serve(connection));
      } catch (IOException e) {
        if (!listener.isClosed()) {
          log.warn("the image server cannot accept a connection", e);
        }
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      if (listener.isClosed()) {
        return; // Came in while close() went through the connections.
      }
      connection.setTcpNoDelay(true);
      var in = new BufferedInputStream(connection.getInputStream());
      var out = new BufferedOutputStream(connection.getOutputStream(), 64 * 1024);
      Responder responder = new Responder(folder, connection, in, out, closed);
      boolean goOn = true;
      while (goOn) {
        Optional<RequestHead> request = RequestHead.read(in);
        goOn = request.isPresent() && answer(request.get(), responder);
      }
    } catch (IOException e) {
      log.debug("a client of the image server went away", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connections.remove(connection);
    }
  }

  private boolean answer(RequestHead request, Responder responder)
      throws IOException, InterruptedException {
    int count =
        requests.computeIfAbsent(request.path(), path -> new AtomicInteger()).incrementAndGet();
    try {
      FaultPath asked =
          behaviours.keySet().stream()
              .filter(request.path()::startsWith)
              .max(Comparator.comparingInt(String::length))
              .flatMap(prefix -> Optional.ofNullable(behaviours.get(prefix)))
              .map(behaviour -> new FaultPath(behaviour, request.path()))
              .orElseGet(() -> FaultPath.parse(request.path(), request.query()));
      return responder.answer(request, asked.behaviour(), asked.file(), count);
    } catch (IllegalArgumentException e) {
      log.warn("a request to the image server makes no sense: {}", request.path(), e);
      return responder.answer(request, new Behaviour.Status(400), request.path(), count);
    }
  }
}
