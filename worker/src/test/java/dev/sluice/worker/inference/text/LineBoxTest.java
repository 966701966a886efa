package dev.sluice.worker.inference.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.worker.inference.Seeds;
import dev.sluice.worker.model.Output.Point;
import dev.sluice.worker.model.Placement;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineBoxTest {
  private static final Placement SAME = new Placement(0, 0, 1, 1);

  @Test
  void aLevelLineStartsAtItsTopLeft() {
    LineBox expected = new LineBox(10, 20, 100, 0, 0, 30);
    // The same rectangle, told from each of its four sides.
    for (RotatedRectangle told :
        List.of(
            new RotatedRectangle(60, 35, 1, 0, 100, 30),
            new RotatedRectangle(60, 35, 0, 1, 30, 100),
            new RotatedRectangle(60, 35, -1, 0, 100, 30),
            new RotatedRectangle(60, 35, 0, -1, 30, 100))) {
      assertClose(LineBox.of(told, SAME), expected);
    }
  }

  @Test
  void aTallLineIsReadFromTopToBottomWithItsLettersLyingDown() {
    // From the top right corner down, and from there to the left: a quarter turn clockwise.
    assertClose(
        LineBox.of(new RotatedRectangle(50, 100, 1, 0, 20, 160), SAME),
        new LineBox(60, 20, 0, 160, -20, 0));
  }

  @Test
  void aLineIsTallFromOneAndAHalf() {
    assertThat(LineBox.of(new RotatedRectangle(50, 50, 1, 0, 20, 29.9), SAME).width())
        .isEqualTo(20);
    assertThat(LineBox.of(new RotatedRectangle(50, 50, 1, 0, 20, 30), SAME).width()).isEqualTo(30);
  }

  @Test
  void aSlopingLineIsReadToTheRight() {
    Seeds.each(
        500,
        random -> {
          double slope = Math.toRadians(random.nextDouble(-44, 44));
          double turn = slope + random.nextInt(4) * Math.PI / 2;
          boolean sidesSwap = Math.abs(Math.sin(turn - slope)) > 0.5;
          RotatedRectangle rectangle =
              new RotatedRectangle(
                  200,
                  200,
                  Math.cos(turn),
                  Math.sin(turn),
                  sidesSwap ? 20 : 90,
                  sidesSwap ? 90 : 20);

          LineBox box = LineBox.of(rectangle, SAME);

          assertThat(box.acrossX()).isCloseTo(90 * Math.cos(slope), within(1e-9));
          assertThat(box.acrossY()).isCloseTo(90 * Math.sin(slope), within(1e-9));
          assertThat(box.downX()).isCloseTo(-20 * Math.sin(slope), within(1e-9));
          assertThat(box.downY()).isCloseTo(20 * Math.cos(slope), within(1e-9));
          assertThat(box.centerX()).isCloseTo(200, within(1e-9));
          assertThat(box.centerY()).isCloseTo(200, within(1e-9));
        });
  }

  @Test
  void goesFromOneRenditionOverTheImageToAnother() {
    Seeds.each(
        300,
        random -> {
          Placement small = placement(random.nextDouble(1, 4), random.nextDouble(1, 4));
          Placement large = placement(random.nextDouble(1, 2), random.nextDouble(1, 2));
          RotatedRectangle rectangle = new RotatedRectangle(30, 40, 0.8, 0.6, 50, 10);

          LineBox image = LineBox.of(rectangle, small);
          LineBox read = image.in(large);

          // The corners are where the placements say.
          assertThat(large.imageX(read.x())).isCloseTo(image.x(), within(1e-9));
          assertThat(large.imageY(read.y())).isCloseTo(image.y(), within(1e-9));
          assertThat(large.imageX(read.x() + read.acrossX()))
              .isCloseTo(image.x() + image.acrossX(), within(1e-9));
          assertThat(large.imageY(read.y() + read.downY()))
              .isCloseTo(image.y() + image.downY(), within(1e-9));
          assertThat(image.centerX()).isCloseTo(small.imageX(30), within(1e-9));
          assertThat(image.centerY()).isCloseTo(small.imageY(40), within(1e-9));
        });
  }

  @Test
  void losesWhatHangsOverTheEdge() {
    assertClose(
        new LineBox(-10, 30, 130, 0, 0, 20).within(100, 40), new LineBox(0, 30, 100, 0, 0, 10));
    LineBox inside = new LineBox(10, 10, 50, 0, 0, 20);
    assertClose(inside.within(100, 40), inside);
  }

  @Test
  void thePolygonRunsClockwiseWithinTheImage() {
    assertThat(new LineBox(10, 30, 100, 0, 0, 20).polygon(100, 40))
        .containsExactly(
            new Point(10, 30), new Point(100, 30), new Point(100, 40), new Point(10, 40));
    Seeds.each(
        500,
        random -> {
          double angle = random.nextDouble(2 * Math.PI);
          LineBox box =
              LineBox.of(
                  new RotatedRectangle(
                      50,
                      50,
                      Math.cos(angle),
                      Math.sin(angle),
                      random.nextDouble(5, 40),
                      random.nextDouble(5, 40)),
                  SAME);
          List<Point> polygon = box.polygon(100, 100);
          double area = 0;
          for (int i = 0; i < 4; i++) {
            Point a = polygon.get(i);
            Point b = polygon.get((i + 1) % 4);
            area += (a.x() * b.y() - b.x() * a.y()) / 2;
          }
          assertThat(area)
              .as("positive: clockwise as seen")
              .isCloseTo(box.width() * box.height(), within(0.01));
        });
  }

  private static Placement placement(double scaleX, double scaleY) {
    return new Placement(3, -7, scaleX, scaleY);
  }

  private static void assertClose(LineBox actual, LineBox expected) {
    assertThat(
            new double[] {
              actual.x(),
              actual.y(),
              actual.acrossX(),
              actual.acrossY(),
              actual.downX(),
              actual.downY()
            })
        .containsExactly(
            new double[] {
              expected.x(),
              expected.y(),
              expected.acrossX(),
              expected.acrossY(),
              expected.downX(),
              expected.downY()
            },
            within(1e-9));
  }
}
