package dev.sluice.system;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.devstack.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A port in front of a server that can be shut: whoever connects is refused then, and connections
 * that are open are cut, as if the server were down, while it keeps its data. Safe for any thread.
 */
final class Gate implements AutoCloseable {
  private final int port = Ports.free();
  private final URI behind;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

  @GuardedBy("this")
  private ServerSocket listener;

  private Gate(URI behind, ServerSocket listener) {
    this.behind = behind;
    this.listener = listener;
  }

  /**
   * Opens a gate.
   *
   * @param behind URL of the server; its host and port count
   */
  static Gate open(String behind) {
    try {
      Gate gate = new Gate(URI.create(behind), new ServerSocket());
      gate.open();
      return gate;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The server's URL, through the gate. */
  String url() {
    return "http://127.0.0.1:" + port + behind.getPath();
  }

  /** Lets connections through. */
  synchronized void open() {
    if (listener.isBound() && !listener.isClosed()) {
      return;
    }
    try {
      listener = new ServerSocket(port, 64, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open the gate at port " + port, e);
    }
    ServerSocket opened = listener;
    Thread.ofVirtual().start(() -> accept(opened));
  }

  /** Refuses connections and cuts those that are open. */
  synchronized void shut() {
    try {
      listener.close();
      for (Socket connection : connections) {
        connection.close();
      }
      connections.clear();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot shut the gate at port " + port, e);
    }
  }

  private void accept(ServerSocket opened) {
    while (!opened.isClosed()) {
      try {
        Socket client = opened.accept();
        Socket server = new Socket(behind.getHost(), behind.getPort());
        connections.add(client);
        connections.add(server);
        Thread.ofVirtual().start(() -> pump(client, server));
        Thread.ofVirtual().start(() -> pump(server, client));
        if (opened.isClosed()) {
          shut(); // It came in while the others were cut.
        }
      } catch (IOException e) {
        if (!opened.isClosed()) {
          throw new UncheckedIOException("the gate at port " + port + " is broken", e);
        }
      }
    }
  }

  private void pump(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // One of the two is gone; the other is closed too, which is all that is to be done.
      return;
    } finally {
      connections.remove(from);
      connections.remove(to);
    }
  }

  @Override
  public void close() {
    shut();
  }
}
