package dev.sluice.tools.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryPageTest {
  @Test
  void theFirstWorkersLineIsDrawnAndNoOther() {
    List<ResidentMemory.Sample> samples = new ArrayList<>();
    for (int second = 0; second < 30; second++) {
      samples.add(new ResidentMemory.Sample(Duration.ofSeconds(second), 1, 100 << 20));
      samples.add(new ResidentMemory.Sample(Duration.ofSeconds(second), 2, 9_000 << 10));
    }

    String page = MemoryPage.render("seed 7", samples);

    assertThat(page).contains("seed 7", "Resident memory of worker 1");
    assertThat(page.split("<polyline ", -1)).hasSize(1 + 1);
    String line = page.replaceAll("(?s).*points=\"([^\"]*)\".*", "$1").strip();
    assertThat(line.split(" ", -1))
        .as("at the top throughout")
        .hasSize(30)
        .allMatch(point -> point.endsWith(",12.0"));
  }
}
