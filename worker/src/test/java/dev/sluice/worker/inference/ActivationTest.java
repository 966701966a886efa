package dev.sluice.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ActivationTest {
  @Test
  void softmaxIsTheFormulaWhereTheFormulaCanBeComputed() {
    long seed = System.nanoTime();
    System.out.println("ActivationTest seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      float[] scores = new float[1 + random.nextInt(20)];
      double sum = 0;
      for (int i = 0; i < scores.length; i++) {
        scores[i] = (float) (random.nextGaussian() * 10);
        sum += Math.exp(scores[i]);
      }
      float[] probabilities = scores.clone();
      Activation.SOFTMAX.apply(probabilities);
      for (int i = 0; i < scores.length; i++) {
        assertThat((double) probabilities[i])
            .as("seed %d", seed)
            .isCloseTo(Math.exp(scores[i]) / sum, within(1e-6));
      }
    }
  }

  @Test
  void softmaxSurvivesScoresThatOverflowTheFormula() {
    assertThat(applied(Activation.SOFTMAX, 3e38f, -3e38f, 3e38f)).containsExactly(0.5f, 0, 0.5f);
  }

  @Test
  void autoLeavesProbabilitiesAlone() {
    assertThat(applied(Activation.AUTO, 0.25f, 0.7f, 0.05f)).containsExactly(0.25f, 0.7f, 0.05f);
    assertThat(applied(Activation.AUTO, 0.999f, 0.0005f)).containsExactly(0.999f, 0.0005f);
  }

  @Test
  void autoTurnsAnythingElseIntoProbabilities() {
    assertThat(applied(Activation.AUTO, 1, 1)).containsExactly(0.5f, 0.5f);
    assertThat(applied(Activation.AUTO, -1, 2)[1])
        .isCloseTo((float) (1 / (1 + Math.exp(-3))), within(1e-6f));
  }

  @Test
  void sigmoidJudgesEachClassByItself() {
    assertThat(applied(Activation.SIGMOID, 0, 1000, -1000)).containsExactly(0.5f, 1, 0);
  }

  @Test
  void noneChangesNothing() {
    assertThat(applied(Activation.NONE, 3, -4)).containsExactly(3, -4);
  }

  private static float[] applied(Activation activation, float... scores) {
    activation.apply(scores);
    return scores;
  }
}
