package dev.sluice.worker.inference;

/** How a classifier's scores become probabilities. */
enum Activation {
  /** They are probabilities when none is negative and they sum to 1; otherwise softmax. */
  AUTO {
    @Override
    void apply(float[] scores) {
      if (!areProbabilities(scores)) {
        SOFTMAX.apply(scores);
      }
    }
  },
  /** Exactly one class is right: {@code exp(x) / sum(exp(x))}. */
  SOFTMAX {
    @Override
    void apply(float[] scores) {
      float highest = Float.NEGATIVE_INFINITY;
      for (float score : scores) {
        highest = Math.max(highest, score);
      }
      double sum = 0;
      for (int i = 0; i < scores.length; i++) {
        double power = Math.exp((double) scores[i] - highest);
        sum += power;
        scores[i] = (float) power;
      }
      for (int i = 0; i < scores.length; i++) {
        scores[i] = (float) (scores[i] / sum);
      }
    }
  },
  /** Each class is right or wrong by itself: {@code 1 / (1 + exp(-x))}. */
  SIGMOID {
    @Override
    void apply(float[] scores) {
      for (int i = 0; i < scores.length; i++) {
        scores[i] = (float) (1 / (1 + Math.exp(-scores[i])));
      }
    }
  },
  /** They are probabilities already. */
  NONE {
    @Override
    void apply(float[] scores) {}
  };

  /** Half precision adds up a thousand classes to within this. */
  private static final double TOLERANCE = 1e-2;

  /** Replaces one image's finite scores with probabilities. */
  abstract void apply(float[] scores);

  private static boolean areProbabilities(float[] scores) {
    double sum = 0;
    for (float score : scores) {
      if (score < 0) {
        return false;
      }
      sum += score;
    }
    return Math.abs(sum - 1) <= TOLERANCE;
  }
}
