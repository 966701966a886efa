package dev.sluice.tools.bench;

import java.util.List;

/**
 * One figure, measured once in each round. Immutable.
 *
 * @param rounds at least one value, in the order in which they were measured
 */
record Samples(List<Double> rounds) {
  Samples {
    rounds = List.copyOf(rounds);
    if (rounds.isEmpty()) {
      throw new IllegalArgumentException("nothing was measured");
    }
  }

  static Samples of(double... values) {
    return new Samples(java.util.Arrays.stream(values).boxed().toList());
  }

  /** The middle one; of an even number the mean of the two in the middle. */
  double median() {
    double[] sorted = rounds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  double min() {
    return rounds.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
  }

  double max() {
    return rounds.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
  }

  /** Each round's value against the same round's value of another figure. */
  Samples with(Samples other, java.util.function.DoubleBinaryOperator compared) {
    if (other.rounds.size() != rounds.size()) {
      throw new IllegalArgumentException(
          "%d rounds cannot be compared with %d".formatted(rounds.size(), other.rounds.size()));
    }
    return new Samples(
        java.util.stream.IntStream.range(0, rounds.size())
            .mapToObj(round -> compared.applyAsDouble(rounds.get(round), other.rounds.get(round)))
            .toList());
  }
}
