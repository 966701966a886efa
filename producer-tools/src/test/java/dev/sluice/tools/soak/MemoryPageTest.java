package dev.sluice.tools.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryPageTest {
  @Test
  void eachWorkerHasALineAsLongAsThereAreColours() {
    List<ResidentMemory.Sample> samples = new ArrayList<>();
    for (int second = 0; second < 30; second++) {
      for (int worker = 1; worker <= 9; worker++) {
        samples.add(
            new ResidentMemory.Sample(Duration.ofSeconds(second), worker, (worker * 10L) << 20));
      }
    }

    String page = MemoryPage.render("seed 7", samples);

    assertThat(page).contains("seed 7", "worker 1", "worker 6");
    assertThat(page).doesNotContain("worker 7");
    assertThat(page.split("<polyline ", -1)).hasSize(1 + 6);
  }
}
