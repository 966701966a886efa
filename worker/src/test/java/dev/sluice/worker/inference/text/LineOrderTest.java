package dev.sluice.worker.inference.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.inference.Seeds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineOrderTest {
  @Test
  void goesFromTopToBottomAndFromLeftToRight() {
    // Two columns, the right one a little higher, then a line below both.
    List<LineBox> read =
        List.of(
            level(10, 22, 80),
            level(100, 18, 80),
            level(10, 52, 80),
            level(100, 48, 80),
            level(10, 80, 170));
    Seeds.each(
        200,
        random -> {
          List<LineBox> shuffled = new ArrayList<>(read);
          Collections.shuffle(shuffled, new Random(random.nextLong()));
          assertThat(LineOrder.of(shuffled).stream().map(shuffled::get).toList()).isEqualTo(read);
        });
  }

  @Test
  void namesEachBoxOnce() {
    Seeds.each(
        300,
        random -> {
          List<LineBox> boxes = new ArrayList<>();
          for (int i = random.nextInt(30); i > 0; i--) {
            boxes.add(level(random.nextInt(500), random.nextInt(500), random.nextInt(5, 100)));
          }
          List<Integer> order = LineOrder.of(boxes);
          assertThat(order).doesNotHaveDuplicates().hasSize(boxes.size());
        });
  }

  @Test
  void aSmallLineBesideATallOneIsInItsRowOnlyAtItsMiddle() {
    LineBox tall = new LineBox(0, 0, 100, 0, 0, 90);
    LineBox beside = new LineBox(110, 42, 50, 0, 0, 10);
    LineBox lower = new LineBox(110, 70, 50, 0, 0, 10);
    assertThat(LineOrder.of(List.of(lower, beside, tall))).containsExactly(2, 1, 0);
    LineBox left = new LineBox(-60, 70, 50, 0, 0, 10);
    assertThat(LineOrder.of(List.of(left, tall))).containsExactly(1, 0);
  }

  @Test
  void aPageThatLiesOnItsSideIsReadAsWhenItStood() {
    Seeds.each(
        300,
        random -> {
          List<LineBox> standing = new ArrayList<>();
          for (int i = random.nextInt(1, 30); i > 0; i--) {
            standing.add(level(random.nextInt(500), random.nextInt(500), random.nextInt(5, 100)));
          }
          // A quarter turn clockwise: what was on top is on the right now.
          List<LineBox> lying =
              standing.stream()
                  .map(box ->
                      new LineBox(
                          -box.y(),
                          box.x(),
                          -box.acrossY(),
                          box.acrossX(),
                          -box.downY(),
                          box.downX()))
                  .toList();
          assertThat(LineOrder.of(lying)).isEqualTo(LineOrder.of(standing));
        });
  }

  private static LineBox level(double x, double y, double width) {
    return new LineBox(x, y, width, 0, 0, 20);
  }
}
