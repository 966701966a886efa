package dev.sluice.worker.inference.detection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.inference.FloatTensor;
import dev.sluice.worker.inference.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Each layout against a reading of its definition, anchor by anchor, on random tensors. */
class BoxDecoderTest {
  private static final float[] BROKEN = {
    Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY
  };

  private record Found(
      float xMin, float yMin, float xMax, float yMax, float score, int classIndex) {}

  @Test
  void classScores() {
    Seeds.each(
        500,
        random -> {
          int images = random.nextInt(1, 4);
          int classes = random.nextInt(1, 6);
          int anchors = random.nextInt(1, 30);
          FloatTensor output = random(random, images, 4 + classes, anchors);
          int image = random.nextInt(images);
          float threshold = random.nextFloat();
          List<Found> expected = new ArrayList<>();
          for (int anchor = 0; anchor < anchors; anchor++) {
            float[] column = new float[4 + classes];
            for (int row = 0; row < column.length; row++) {
              column[row] = output.values().get((image * column.length + row) * anchors + anchor);
            }
            expectCentered(expected, column, 4, 1, threshold);
          }

          assertThat(found(BoxDecoder.classScores(output, image, threshold))).isEqualTo(expected);
        });
  }

  @Test
  void objectness() {
    Seeds.each(
        500,
        random -> {
          int images = random.nextInt(1, 4);
          int classes = random.nextInt(1, 6);
          int anchors = random.nextInt(1, 30);
          FloatTensor output = random(random, images, anchors, 5 + classes);
          int image = random.nextInt(images);
          float threshold = random.nextFloat();
          List<Found> expected = new ArrayList<>();
          for (int anchor = 0; anchor < anchors; anchor++) {
            float[] row = row(output, image * anchors + anchor);
            if (row[4] >= threshold) {
              expectCentered(expected, row, 5, row[4], threshold);
            }
          }

          assertThat(found(BoxDecoder.objectness(output, image, threshold))).isEqualTo(expected);
        });
  }

  @Test
  void endToEnd() {
    Seeds.each(
        500,
        random -> {
          int images = random.nextInt(1, 4);
          int boxes = random.nextInt(1, 30);
          FloatTensor output = random(random, images, boxes, 6);
          int image = random.nextInt(images);
          float threshold = random.nextFloat();
          List<Found> expected = new ArrayList<>();
          for (int box = 0; box < boxes; box++) {
            float[] row = row(output, image * boxes + box);
            if (row[4] >= threshold && row[5] >= 0 && Float.isFinite(row[5])) {
              expect(expected, row[0], row[1], row[2], row[3], row[4], Math.round(row[5]));
            }
          }

          assertThat(found(BoxDecoder.endToEnd(output, image, threshold))).isEqualTo(expected);
        });
  }

  @Test
  void fractions() {
    Seeds.each(
        500,
        random -> {
          int images = random.nextInt(1, 4);
          int anchors = random.nextInt(1, 30);
          int classes = random.nextInt(2, 5);
          FloatTensor boxes = random(random, images, anchors, 4);
          FloatTensor scores = random(random, images, anchors, classes);
          int image = random.nextInt(images);
          float threshold = random.nextFloat();
          List<Found> expected = new ArrayList<>();
          for (int anchor = 0; anchor < anchors; anchor++) {
            float[] box = row(boxes, image * anchors + anchor);
            float[] row = row(scores, image * anchors + anchor);
            int best = best(row, 1);
            if (best >= 0 && row[best] >= threshold) {
              expect(
                  expected,
                  box[0] * 320,
                  box[1] * 240,
                  box[2] * 320,
                  box[3] * 240,
                  row[best],
                  best);
            }
          }

          assertThat(found(BoxDecoder.fractions(boxes, scores, image, threshold, 320, 240)))
              .isEqualTo(expected);
        });
  }

  @Test
  void findsEverythingAtThresholdZeroAndOnlyTheCertainAtOne() {
    FloatTensor output =
        new FloatTensor(
            List.of(1L, 5L, 3L),
            new float[] {10, 10, 10, 10, 10, 10, 4, 4, 4, 4, 4, 4, 0, 0.5f, 1});
    assertThat(BoxDecoder.classScores(output, 0, 0).size()).isEqualTo(3);
    assertThat(found(BoxDecoder.classScores(output, 0, 1)))
        .containsExactly(new Found(8, 8, 12, 12, 1, 0));
  }

  private static void expectCentered(
      List<Found> expected, float[] values, int firstClass, float factor, float threshold) {
    int best = best(values, firstClass);
    if (best >= 0 && factor * values[best] >= threshold) {
      expect(
          expected,
          values[0] - values[2] / 2,
          values[1] - values[3] / 2,
          values[0] + values[2] / 2,
          values[1] + values[3] / 2,
          factor * values[best],
          best - firstClass);
    }
  }

  private static void expect(
      List<Found> expected,
      float xMin,
      float yMin,
      float xMax,
      float yMax,
      float score,
      int classIndex) {
    boolean numbers =
        Float.isFinite(xMin)
            && Float.isFinite(yMin)
            && Float.isFinite(xMax)
            && Float.isFinite(yMax)
            && Float.isFinite(score);
    if (numbers && xMin < xMax && yMin < yMax) {
      expected.add(new Found(xMin, yMin, xMax, yMax, score, classIndex));
    }
  }

  private static int best(float[] values, int from) {
    int best = -1;
    for (int i = from; i < values.length; i++) {
      if (!Float.isNaN(values[i]) && (best < 0 || values[i] > values[best])) {
        best = i;
      }
    }
    return best;
  }

  private static float[] row(FloatTensor tensor, int index) {
    int columns = tensor.dimension(2);
    float[] row = new float[columns];
    tensor.values().get(index * columns, row);
    return row;
  }

  private static List<Found> found(Candidates candidates) {
    List<Found> found = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      found.add(
          new Found(
              candidates.xMin(i),
              candidates.yMin(i),
              candidates.xMax(i),
              candidates.yMax(i),
              candidates.score(i),
              candidates.classIndex(i)));
    }
    return found;
  }

  /** Values around 0 to 1, some of them no numbers. */
  private static FloatTensor random(SplittableRandom random, int... shape) {
    int size = 1;
    List<Long> dimensions = new ArrayList<>();
    for (int dimension : shape) {
      size *= dimension;
      dimensions.add((long) dimension);
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] =
          random.nextInt(20) == 0
              ? BROKEN[random.nextInt(BROKEN.length)]
              : random.nextFloat(-0.1f, 1);
    }
    return new FloatTensor(dimensions, values);
  }
}
