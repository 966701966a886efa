package dev.sluice.tools.results;

import dev.sluice.schemas.ContractClasses;
import dev.sluice.v1.Error;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Point;
import dev.sluice.v1.Status;
import dev.sluice.v1.TextLine;
import dev.sluice.v1.TextLines;
import dev.sluice.v1.Timings;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Results for tests. */
public final class Results {
  static {
    ContractClasses.trust();
  }

  private Results() {}

  /** One that succeeded with this output, or with none. */
  public static InferenceResult succeeded(String id, String source, @Nullable Object output) {
    return base(id, source).setStatus(Status.SUCCEEDED).setOutput(output).build();
  }

  /** One that failed. */
  public static InferenceResult failed(String id, String source, String code, String message) {
    return base(id, source)
        .setStatus(Status.FAILED)
        .setError(new Error(code, message, 1))
        .setBatchSize(0)
        .build();
  }

  /** Lines of text, each in a box of its own. */
  public static TextLines text(String... lines) {
    return new TextLines(
        Arrays.stream(lines)
            .map(line -> new TextLine(line, 0.98f, polygon(10, 20, 60, 40)))
            .toList());
  }

  /** A box as a polygon. */
  public static List<Point> polygon(float left, float top, float right, float bottom) {
    return List.of(
        new Point(left, top),
        new Point(right, top),
        new Point(right, bottom),
        new Point(left, bottom));
  }

  private static InferenceResult.Builder base(String id, String source) {
    return InferenceResult.newBuilder()
        .setRequestId(id)
        .setModel("ppocr")
        .setModelVersion("1")
        .setTimings(new Timings(1.5, 2.25, 30.0, 0.5, 120.0, 160.0))
        .setBatchSize(4)
        .setCompletedAt(Instant.parse("2026-11-20T12:00:00Z"))
        .setMetadata(Map.of(ResultRows.SOURCE, source));
  }
}
