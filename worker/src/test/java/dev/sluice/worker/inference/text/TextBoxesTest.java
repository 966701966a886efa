package dev.sluice.worker.inference.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.worker.inference.Seeds;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextBoxesTest {
  private static final TextSettings SETTINGS = TextSettings.ppOcr();

  @Test
  void findsALineAtAnyAngleAndWidensIt() {
    Seeds.each(
        300,
        random -> {
          double angle = random.nextDouble(Math.PI);
          RotatedRectangle drawn =
              new RotatedRectangle(100, 100, Math.cos(angle), Math.sin(angle), 120, 16);

          List<RotatedRectangle> found = TextBoxes.find(draw(drawn, 0.9f), SETTINGS);

          assertThat(found).hasSize(1);
          // By area * ratio / perimeter on each side; an outline of pixels lies up to one outside.
          double wider = 2 * 120 * 16 * 1.6 / 272;
          RotatedRectangle line = found.getFirst();
          double longer = Math.max(line.first(), line.second());
          assertThat(longer).isCloseTo(120 + wider, within(4.0));
          assertThat(line.shorterSide()).isCloseTo(16 + wider, within(4.0));
          assertThat(line.centerX()).isCloseTo(100, within(1.0));
          assertThat(line.centerY()).isCloseTo(100, within(1.0));
          double alongX = line.first() > line.second() ? line.unitX() : -line.unitY();
          double alongY = line.first() > line.second() ? line.unitY() : line.unitX();
          assertThat(Math.abs(alongX * drawn.unitX() + alongY * drawn.unitY()))
              .isCloseTo(1, within(0.001));
        });
  }

  @Test
  void movesEverySideByAreaTimesRatioOverPerimeter() {
    assertThat(TextBoxes.unclipped(new RotatedRectangle(0, 0, 1, 0, 40, 10), 1.5))
        .isEqualTo(new RotatedRectangle(0, 0, 1, 0, 52, 22));
  }

  @Test
  void leavesOutWhatIsUnlikely() {
    RotatedRectangle drawn = new RotatedRectangle(100, 100, 1, 0, 120, 16);
    assertThat(TextBoxes.find(draw(drawn, 0.55f), SETTINGS)).hasSize(1);
    assertThat(TextBoxes.find(draw(drawn, 0.45f), SETTINGS)).isEmpty();
  }

  @Test
  void leavesOutWhatIsThin() {
    assertThat(TextBoxes.find(draw(new RotatedRectangle(100, 100, 1, 0, 120, 4), 0.9f), SETTINGS))
        .hasSize(1);
    assertThat(TextBoxes.find(draw(new RotatedRectangle(100, 100.5, 1, 0, 120, 3), 0.9f), SETTINGS))
        .isEmpty();
  }

  @Test
  void findsNoMoreThanItMay() {
    float[] values = new float[320 * 320];
    for (int y = 0; y < 320; y++) {
      for (int x = 0; x < 320; x++) {
        values[y * 320 + x] = x % 10 < 5 && y % 10 < 5 ? 1 : 0;
      }
    }
    ProbabilityMap map = new ProbabilityMap(FloatBuffer.wrap(values), 0, 320, 320);
    assertThat(TextBoxes.find(map, SETTINGS)).hasSize(1000);
    assertThat(TextBoxes.find(map, new TextSettings(960, 2048, 0.3f, 0.5f, 1.6f, 7, 0.5f)))
        .hasSize(7);
  }

  private static ProbabilityMap draw(RotatedRectangle rectangle, float probability) {
    int side = 200;
    float[] values = new float[side * side];
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        double dx = x + 0.5 - rectangle.centerX();
        double dy = y + 0.5 - rectangle.centerY();
        double along = dx * rectangle.unitX() + dy * rectangle.unitY();
        double across = dy * rectangle.unitX() - dx * rectangle.unitY();
        boolean inside =
            Math.abs(along) <= rectangle.first() / 2 && Math.abs(across) <= rectangle.second() / 2;
        values[y * side + x] = inside ? probability : 0.01f;
      }
    }
    return new ProbabilityMap(FloatBuffer.wrap(values), 0, side, side);
  }
}
