package dev.sluice.worker.inference.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.worker.inference.Seeds;
import dev.sluice.worker.inference.text.CtcDecoder.Reading;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CtcDecoderTest {
  /** Blank, h, e, l, o, a Chinese character beyond the Basic Multilingual Plane, space. */
  private static final CtcDecoder DECODER = CtcDecoder.ppOcr("h\ne\nl\no\n\uD84C\uDDC9");

  @Test
  void knowsABlankTheDictionaryAndASpace() {
    assertThat(DECODER.classes()).isEqualTo(7);
    assertThat(CtcDecoder.ppOcr("a\nb\n").classes()).isEqualTo(4);
  }

  @Test
  void takesRepeatsTogetherUnlessABlankIsBetween() {
    assertThat(read(1, 1, 0, 2, 3, 3, 0, 3, 4, 4)).isEqualTo("hello");
    assertThat(read(1, 2, 3, 3, 4)).isEqualTo("helo");
  }

  @Test
  void stripsSpaceAroundButNotWithin() {
    assertThat(read(6, 0, 1, 6, 2, 0, 6)).isEqualTo("h e");
    assertThat(read(6, 6)).isEmpty();
  }

  @Test
  void readsCharactersOfTwoUnits() {
    assertThat(read(5)).isEqualTo("\uD84C\uDDC9");
  }

  @Test
  void theScoreIsTheMeanOfTheCharactersRead() {
    float[] probabilities = steps(1, 0, 2);
    probabilities[1] = 0.9f;
    probabilities[7] = 0.99f;
    probabilities[2 * 7 + 2] = 0.5f;
    assertThat(DECODER.decode(FloatBuffer.wrap(probabilities), 0, 3).score())
        .isCloseTo(0.7f, within(1e-6f));
    assertThat(DECODER.decode(FloatBuffer.wrap(steps(0, 0)), 0, 2)).isEqualTo(new Reading("", 0));
  }

  @Test
  void aStepWithoutANumberSaysNothing() {
    float[] probabilities = steps(1, 2, 3);
    for (int i = 7; i < 14; i++) {
      probabilities[i] = Float.NaN;
    }
    assertThat(DECODER.decode(FloatBuffer.wrap(probabilities), 0, 3).text()).isEqualTo("hl");
  }

  @Test
  void agreesWithCollapsingStepByStep() {
    List<String> characters = List.of("", "h", "e", "l", "o", "\uD84C\uDDC9", " ");
    Seeds.each(
        1000,
        random -> {
          int steps = random.nextInt(30);
          int offset = random.nextInt(20);
          float[] probabilities = new float[offset + steps * 7];
          for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] = random.nextFloat();
          }
          List<Integer> path = new ArrayList<>();
          for (int step = 0; step < steps; step++) {
            int best = 0;
            for (int i = 1; i < 7; i++) {
              if (probabilities[offset + 7 * step + i] > probabilities[offset + 7 * step + best]) {
                best = i;
              }
            }
            path.add(best);
          }
          StringBuilder expected = new StringBuilder();
          for (int step = 0; step < steps; step++) {
            if (step == 0 || !path.get(step).equals(path.get(step - 1))) {
              expected.append(characters.get(path.get(step)));
            }
          }

          assertThat(DECODER.decode(FloatBuffer.wrap(probabilities), offset, steps).text())
              .isEqualTo(expected.toString().strip());
        });
  }

  private static String read(int... classes) {
    return DECODER.decode(FloatBuffer.wrap(steps(classes)), 0, classes.length).text();
  }

  private static float[] steps(int... classes) {
    float[] probabilities = new float[classes.length * 7];
    for (int step = 0; step < classes.length; step++) {
      probabilities[7 * step + classes[step]] = 0.9f;
    }
    return probabilities;
  }
}
