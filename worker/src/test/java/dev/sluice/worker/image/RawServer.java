package dev.sluice.worker.image;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers HTTP requests with whatever bytes a test wants, on 127.0.0.1. */
final class RawServer implements AutoCloseable {
  private final ServerSocket listener;
  private final Queue<Behaviour> once = new ConcurrentLinkedQueue<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  private volatile Behaviour always = Connection::end;

  /** What to do with one request. */
  interface Behaviour {
    void serve(Connection connection) throws IOException, InterruptedException;
  }

  RawServer() {
    try {
      listener = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.startVirtualThread(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Its own address, and then a path. */
  String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  /** Serves the next request that has none like this, and no other. */
  void answer(Behaviour behaviour) {
    once.add(behaviour);
  }

  /** Serves every request like this from now on. */
  void always(Behaviour behaviour) {
    always = behaviour;
  }

  /** The head of each request so far. */
  List<String> requests() {
    return requests;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        sockets.add(socket);
        Thread.startVirtualThread(() -> serve(socket));
      } catch (IOException e) {
        if (!listener.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      Connection connection = new Connection(socket);
      while (connection.isOpen()) {
        String head = connection.readHead();
        if (head.isEmpty()) {
          return;
        }
        requests.add(head);
        connection.head = head;
        Behaviour next = once.poll();
        (next == null ? always : next).serve(connection);
      }
    } catch (IOException | InterruptedException e) {
      // The client has gone, which is what most tests here are about.
    }
  }

  /** One connection; a write to a client that has gone closes it. */
  static final class Connection {
    private final Socket socket;
    private String head = "";

    private Connection(Socket socket) {
      this.socket = socket;
    }

    /** The head of the request that is being served. */
    String head() {
      return head;
    }

    boolean isOpen() {
      return !socket.isClosed();
    }

    @CanIgnoreReturnValue
    Connection write(String text) throws IOException {
      return write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @CanIgnoreReturnValue
    Connection write(byte[] bytes) throws IOException {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      return this;
    }

    /** Writes this for ever, a little at a time: a server that is busy and gets nowhere. */
    void drip(String text) throws IOException, InterruptedException {
      while (true) {
        write(text);
        Thread.sleep(50);
      }
    }

    /** Says nothing more until the client has gone. */
    void awaitEnd() throws IOException {
      InputStream in = socket.getInputStream();
      while (in.read() >= 0) {}
      socket.close();
    }

    void end() throws IOException {
      socket.close();
    }

    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    private String readHead() throws IOException {
      StringBuilder head = new StringBuilder();
      InputStream in = socket.getInputStream();
      for (int c = in.read(); c >= 0; c = in.read()) {
        head.append((char) c);
        if (head.length() >= 4 && head.substring(head.length() - 4).equals("\r\n\r\n")) {
          return head.toString();
        }
      }
      return "";
    }
  }
}
