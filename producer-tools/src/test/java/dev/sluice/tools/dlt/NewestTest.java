package dev.sluice.tools.dlt;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NewestTest {

  @Test
  void theNewestStayWhateverTheOrderTheyComeIn() {
    long seed = new Random().nextLong();
    List<Integer> seconds = new ArrayList<>();
    for (int second = 0; second < 100; second++) {
      seconds.add(second);
    }
    Collections.shuffle(seconds, new Random(seed));
    Newest newest = new Newest(3);

    seconds.forEach(second -> newest.add(line(second)));

    assertThat(newest.oldestFirst())
        .as("seed %d", seed)
        .containsExactly(line(97), line(98), line(99));
  }

  private static DltList.Line line(int second) {
    return new DltList.Line(
        0, second, Instant.ofEpochSecond(second), "INTERNAL", "t/0/0", "1", "r", "-", "m");
  }
}
