package dev.sluice.worker.inference;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a model runs, as {@code device} in model.yaml says it. */
sealed interface Device {
  Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

  /** The processor. */
  record Cpu() implements Device {
    @Override
    public String toString() {
      return "cpu";
    }
  }

  /** An NVIDIA device by its index as CUDA counts. */
  record Cuda(int index) implements Device {
    @Override
    public String toString() {
      return "cuda:" + index;
    }
  }

  /**
   * Reads "cpu", "cuda" (the first) or "cuda:N".
   *
   * @throws IllegalArgumentException when it is neither
   */
  static Device parse(String text) {
    if (text.equals("cpu")) {
      return new Cpu();
    }
    Matcher cuda = CUDA.matcher(text);
    if (cuda.matches()) {
      return new Cuda(cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1)));
    }
    throw new IllegalArgumentException("expected cpu, cuda or cuda:N, not " + text);
  }
}
