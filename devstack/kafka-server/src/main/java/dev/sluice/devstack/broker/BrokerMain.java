package dev.sluice.devstack.broker;

import kafka.Kafka;
import kafka.tools.StorageTool;

/**
 * Formats a node's storage when that has not been done yet and runs the node, in one JVM: Kafka's
 * own scripts start a second one just to format.
 */
public final class BrokerMain {
  private BrokerMain() {}

  /**
   * Formats, then runs until the process is told to stop.
   *
   * @param arguments cluster id and path of the node's properties file
   */
  public static void main(String[] arguments) {
    if (arguments.length != 2) {
      System.err.println("usage: BrokerMain CLUSTER_ID PROPERTIES_FILE");
      System.exit(2);
    }
    String[] format = {"format", "--ignore-formatted", "-t", arguments[0], "-c", arguments[1]};
    int status = StorageTool.execute(format, System.out);
    if (status != 0) {
      System.err.println("formatting the storage failed with status " + status);
      System.exit(status);
    }
    Kafka.main(new String[] {arguments[1]});
  }
}
