package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/** The names under which a lane's graphs are known: their files' names without ".onnx". */
final class Graphs {
  /** The graph that every model has. */
  static final String MAIN = "model";

  private Graphs() {}

  /** The graph that every model has. */
  static Graph main(Map<String, Graph> graphs) {
    return requireNonNull(graphs.get(MAIN), "a lane has its main graph");
  }
}
