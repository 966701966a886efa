package dev.sluice.worker.image;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Finds the addresses of a host; the system's resolver unless a test says otherwise. */
interface NameResolver {
  /**
   * All addresses of the host, not empty. May block; called on a platform thread.
   *
   * @throws UnknownHostException when it has none
   */
  List<InetAddress> resolve(String host) throws UnknownHostException;

  /** The system's resolver, with the JVM's cache. */
  static NameResolver system() {
    return host -> List.of(InetAddress.getAllByName(host));
  }
}
