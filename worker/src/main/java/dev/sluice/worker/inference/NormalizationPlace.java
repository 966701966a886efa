package dev.sluice.worker.inference;

/** Where the levels of an image become the numbers that a graph was trained on. */
enum NormalizationPlace {
  /** In the graph on a device, where it saves three quarters of the copying; else in the worker. */
  AUTO,
  /** In nodes that are put before the graph when it is loaded. */
  GRAPH,
  /** On the lane's thread. */
  WORKER
}
