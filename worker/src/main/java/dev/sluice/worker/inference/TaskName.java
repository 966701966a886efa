package dev.sluice.worker.inference;

import java.util.Locale;

/** What a model is for, as {@code task} in model.yaml says it. */
public enum TaskName {
  CLASSIFICATION,
  DETECTION,
  TEXT,
  EMBEDDING,
  TENSORS;

  /** As in model.yaml. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return text();
  }
}
