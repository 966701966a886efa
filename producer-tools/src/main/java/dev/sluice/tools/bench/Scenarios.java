package dev.sluice.tools.bench;

import java.util.List;

/** Everything that can be measured, in the order of the table. */
final class Scenarios {
  static final List<Scenario> ALL =
      List.of(
          new Throughput(
              "throughput-classifier",
              "images/s from a backlog, 640x480 JPEG over HTTP, a classifier of about 1 ms",
              Photographs.Kind.VGA,
              BenchModel::classifier,
              new Target.AtLeast(0.85)),
          new Throughput(
              "throughput-detector",
              "the same with a detector of about 40 ms",
              Photographs.Kind.VGA_TEXTLESS,
              BenchModel::detector,
              new Target.AtLeast(0.95)),
          new Records(),
          new IdleLatency(),
          new LoadLatency(),
          new LaneBusy(),
          new PythonBaseline(),
          new BacklogMemory(),
          new Startup(),
          new Scale());

  /** Those that take long and run only when they are named. */
  static final List<Scenario> WHEN_NAMED =
      List.of(
          new SoakLoad(),
          new Batching(),
          new Partitions(),
          new Waiting(),
          photographs(Photographs.Kind.FULL_HD),
          photographs(Photographs.Kind.TWELVE_MEGAPIXELS),
          photographs(Photographs.Kind.VGA_PNG));

  private Scenarios() {}

  private static Scenario photographs(Photographs.Kind kind) {
    return new Throughput(
        "throughput-" + kind.folder(),
        "images/s from a backlog, " + kind.text() + " over HTTP, the same classifier",
        kind,
        BenchModel::classifier,
        new Target.None());
  }
}
