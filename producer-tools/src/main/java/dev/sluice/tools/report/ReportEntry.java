package dev.sluice.tools.report;

import dev.sluice.tools.picture.Photograph;
import dev.sluice.v1.InferenceResult;

/**
 * One result of a report.
 *
 * @param name what a person calls the image
 */
public record ReportEntry(String name, InferenceResult result, Picture picture) {

  /** What is shown of the image. */
  public sealed interface Picture {
    /** The image. */
    record Shown(Photograph photograph) implements Picture {}

    /** Nothing, and the reason. */
    record Absent(String reason) implements Picture {}
  }
}
