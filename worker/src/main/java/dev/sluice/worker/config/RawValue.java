package dev.sluice.worker.config;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** A setting as it was written, before it is understood. */
sealed interface RawValue {
  /** Plain text: a YAML scalar, an environment variable, the right side of {@code --set}. */
  record Text(String text) implements RawValue {
    public Text {
      requireNonNull(text, "text is null");
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** A YAML list of plain values. */
  record Texts(List<String> texts) implements RawValue {
    public Texts {
      texts = List.copyOf(texts);
    }

    @Override
    public String toString() {
      return texts.toString();
    }
  }

  /** A YAML key with nothing behind it, or an empty mapping. */
  record Nothing() implements RawValue {
    @Override
    public String toString() {
      return "nothing";
    }
  }
}
