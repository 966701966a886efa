package dev.sluice.tools.soak;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.devstack.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TCP relay in front of a server, so that the server can be away for its clients without being
 * ended: the devstack's registry forgets its schemas when it ends. Listens on the loopback address.
 * Safe for any thread; each connection has two virtual threads.
 */
final class Gate implements AutoCloseable {
  private static final int TRIES = 5;

  private final int port;
  private final InetSocketAddress server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  @GuardedBy("this")
  private ServerSocket listener;

  /** Whether connections are taken and left alone. */
  private volatile boolean mute;

  private Gate(int port, InetSocketAddress server, ServerSocket listener) {
    this.port = port;
    this.server = server;
    this.listener = listener;
  }

  /** Opens a gate to a server on the loopback address. */
  static Gate open(int serverPort) {
    InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort);
    for (int tries = 1; ; tries++) {
      int port = Ports.free();
      try {
        Gate gate = new Gate(port, server, listen(port));
        gate.accept();
        return gate;
      } catch (IOException e) {
        if (tries == TRIES) {
          throw new UncheckedIOException("cannot listen on port " + port, e);
        }
        // Somebody else took it in between.
      }
    }
  }

  private static ServerSocket listen(int port) throws IOException {
    ServerSocket listener = new ServerSocket();
    listener.setReuseAddress(true);
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 256);
    return listener;
  }

  /** Where clients connect to. */
  int port() {
    return port;
  }

  /**
   * Ends all connections; from now on new ones are refused, or taken and left without an answer.
   */
  synchronized void shut(Fault.Silence silence) throws IOException {
    mute = true;
    if (silence == Fault.Silence.REFUSED) {
      listener.close();
    }
    closeAll();
  }

  /** Lets clients through again. */
  synchronized void reopen() throws IOException {
    mute = false;
    closeAll(); // Those that were left alone.
    if (listener.isClosed()) {
      listener = listen(port);
      accept();
    }
  }

  @Override
  public synchronized void close() {
    try {
      listener.close();
      closeAll();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the gate on port " + port, e);
    }
  }

  private void closeAll() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private synchronized void accept() {
    ServerSocket accepting = listener;
    Thread.ofVirtual().name("gate-" + port).start(() -> accept(accepting));
  }

  private void accept(ServerSocket accepting) {
    while (!accepting.isClosed()) {
      try {
        Socket client = accepting.accept();
        sockets.add(client);
        if (!mute) {
          Thread.ofVirtual().name("gate-connection").start(() -> connect(client));
        }
      } catch (IOException e) {
        // Shut or closed: the loop ends. Anything else concerns that one connection.
      }
    }
  }

  private void connect(Socket client) {
    Socket behind = new Socket();
    sockets.add(behind);
    try {
      behind.connect(server, 5_000);
    } catch (IOException e) {
      end(client, behind);
      return;
    }
    Thread.ofVirtual().name("gate-back").start(() -> pump(behind, client));
    pump(client, behind);
  }

  /** Carries bytes until one side ends, then ends both. */
  private void pump(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // The end of a connection, by one of the two or by us.
    } finally {
      end(from, to);
    }
  }

  private void end(Socket one, Socket other) {
    try (one;
        other) {
      sockets.remove(one);
      sockets.remove(other);
    } catch (IOException e) {
      // A socket that cannot be closed is not open.
    }
  }
}
