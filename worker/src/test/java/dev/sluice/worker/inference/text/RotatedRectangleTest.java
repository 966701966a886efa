package dev.sluice.worker.inference.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.worker.inference.Seeds;
import org.junit.jupiter.api.Test;

class RotatedRectangleTest {
  @Test
  void findsARectangleAgainWhateverItsAngle() {
    Seeds.each(
        1000,
        random -> {
          double angle = random.nextDouble(2 * Math.PI);
          RotatedRectangle drawn =
              new RotatedRectangle(
                  random.nextDouble(-100, 100),
                  random.nextDouble(-100, 100),
                  Math.cos(angle),
                  Math.sin(angle),
                  random.nextDouble(1, 100),
                  random.nextDouble(1, 100));

          RotatedRectangle found = RotatedRectangle.around(corners(drawn));

          assertThat(found.centerX()).isCloseTo(drawn.centerX(), within(1e-9));
          assertThat(found.centerY()).isCloseTo(drawn.centerY(), within(1e-9));
          assertThat(found.area()).isCloseTo(drawn.area(), within(1e-6));
          assertThat(found.shorterSide()).isCloseTo(drawn.shorterSide(), within(1e-9));
          double cosine = Math.abs(found.unitX() * drawn.unitX() + found.unitY() * drawn.unitY());
          assertThat(Math.min(cosine, 1 - cosine))
              .as("the same directions")
              .isCloseTo(0, within(1e-9));
        });
  }

  @Test
  void isTheSmallestOfAllThatLieOnASide() {
    Seeds.each(
        1000,
        random -> {
          ConvexHull hull = ConvexHullTest.random(random);
          double smallest = Double.MAX_VALUE;
          for (int i = 0; i < hull.size(); i++) {
            int next = (i + 1) % hull.size();
            double dx = hull.x()[next] - hull.x()[i];
            double dy = hull.y()[next] - hull.y()[i];
            double length = Math.hypot(dx, dy);
            smallest =
                Math.min(
                    smallest,
                    extent(hull, dx / length, dy / length)
                        * extent(hull, -dy / length, dx / length));
          }

          RotatedRectangle found = RotatedRectangle.around(hull);

          assertThat(found.area()).isCloseTo(smallest, within(1e-6));
          for (int i = 0; i < hull.size(); i++) {
            double dx = hull.x()[i] - found.centerX();
            double dy = hull.y()[i] - found.centerY();
            assertThat(Math.abs(dx * found.unitX() + dy * found.unitY()))
                .isLessThanOrEqualTo(found.first() / 2 + 1e-9);
            assertThat(Math.abs(dy * found.unitX() - dx * found.unitY()))
                .isLessThanOrEqualTo(found.second() / 2 + 1e-9);
          }
        });
  }

  @Test
  void growsOnEverySide() {
    RotatedRectangle grown = new RotatedRectangle(5, 6, 0.6, 0.8, 10, 4).grown(1.5);
    assertThat(grown).isEqualTo(new RotatedRectangle(5, 6, 0.6, 0.8, 13, 7));
  }

  private static double extent(ConvexHull hull, double ux, double uy) {
    double least = Double.MAX_VALUE;
    double greatest = -Double.MAX_VALUE;
    for (int i = 0; i < hull.size(); i++) {
      double along = hull.x()[i] * ux + hull.y()[i] * uy;
      least = Math.min(least, along);
      greatest = Math.max(greatest, along);
    }
    return greatest - least;
  }

  private static ConvexHull corners(RotatedRectangle rectangle) {
    double ax = rectangle.unitX() * rectangle.first() / 2;
    double ay = rectangle.unitY() * rectangle.first() / 2;
    double bx = -rectangle.unitY() * rectangle.second() / 2;
    double by = rectangle.unitX() * rectangle.second() / 2;
    double x = rectangle.centerX();
    double y = rectangle.centerY();
    return new ConvexHull(
        new double[] {x - ax - bx, x + ax - bx, x + ax + bx, x - ax + bx},
        new double[] {y - ay - by, y + ay - by, y + ay + by, y - ay + by});
  }
}
