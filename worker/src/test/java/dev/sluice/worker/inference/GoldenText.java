package dev.sluice.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.Output.Box;
import dev.sluice.worker.model.Output.ClassScore;
import dev.sluice.worker.model.Output.Classification;
import dev.sluice.worker.model.Output.Detections;
import dev.sluice.worker.model.Output.Embedding;
import dev.sluice.worker.model.Output.NamedTensor;
import dev.sluice.worker.model.Output.Point;
import dev.sluice.worker.model.Output.Tensors;
import dev.sluice.worker.model.Output.TextLine;
import dev.sluice.worker.model.Output.TextLines;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.StringJoiner;
import java.util.zip.CRC32;

/**
 * An output as words on one line. Java writes a float in as many digits as tell it from every
 * other, so two lines are equal when their numbers are, bit for bit.
 */
final class GoldenText {
  private static final int SAMPLES = 16;

  /** Begins a word that only says whether many numbers are the same, bit for bit. */
  private static final String CHECKSUM = "#";

  private GoldenText() {}

  static String of(Output output) {
    StringJoiner words = new StringJoiner(" ");
    switch (output) {
      case Classification(List<ClassScore> classes) ->
          classes.forEach(found -> words.add(found.label()).add(String.valueOf(found.score())));
      case Detections(List<Box> boxes) ->
          boxes.forEach(box -> {
            words.add(box.label());
            numbers(words, box.score(), box.xMin(), box.yMin(), box.xMax(), box.yMax());
          });
      case TextLines(List<TextLine> lines) ->
          lines.forEach(line -> {
            words.add("'" + line.text() + "'").add(String.valueOf(line.score()));
            for (Point point : line.polygon()) {
              numbers(words, point.x(), point.y());
            }
          });
      case Embedding(float[] values) -> numbers(words, values);
      case Tensors(List<NamedTensor> tensors) -> tensors.forEach(tensor -> add(words, tensor));
    }
    return words.toString();
  }

  /** Changes with every bit. */
  static String checksum(byte[] bytes) {
    CRC32 sum = new CRC32();
    sum.update(bytes);
    return CHECKSUM + Long.toHexString(sum.getValue());
  }

  /**
   * Compares word by word: numbers within a tolerance that grows with those greater than 1, all
   * else exactly, checksums not at all.
   */
  static void assertClose(String about, String actual, String expected, double tolerance) {
    String[] actualWords = actual.split(" ");
    String[] expectedWords = expected.split(" ");
    assertThat(actualWords)
        .as("%s: %s and %s", about, actual, expected)
        .hasSameSizeAs(expectedWords);
    for (int i = 0; i < actualWords.length; i++) {
      if (expectedWords[i].matches("-?[0-9].*\\.[0-9].*")) {
        double number = Double.parseDouble(expectedWords[i]);
        assertThat(Double.parseDouble(actualWords[i]))
            .as("%s: %s and %s", about, actual, expected)
            .isCloseTo(number, within(tolerance * Math.max(1, Math.abs(number))));
      } else if (!expectedWords[i].startsWith(CHECKSUM)) {
        assertThat(actualWords[i]).as("%s: %s", about, actual).isEqualTo(expectedWords[i]);
      }
    }
  }

  private static void add(StringJoiner words, NamedTensor tensor) {
    ByteBuffer data = tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    byte[] bytes = new byte[data.remaining()];
    data.duplicate().get(bytes);
    words.add(tensor.name()).add(tensor.datatype()).add(tensor.shape().toString().replace(" ", ""));
    words.add(checksum(bytes));
    int count = bytes.length / Float.BYTES;
    for (int i = 0; i < SAMPLES && tensor.datatype().equals("FP32"); i++) {
      int at = (int) ((long) i * (count - 1) / (SAMPLES - 1));
      numbers(words, data.getFloat(data.position() + at * Float.BYTES));
    }
  }

  private static void numbers(StringJoiner words, float... numbers) {
    for (float number : numbers) {
      words.add(String.valueOf(number));
    }
  }
}
