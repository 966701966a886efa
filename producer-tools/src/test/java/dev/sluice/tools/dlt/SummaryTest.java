package dev.sluice.tools.dlt;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:30:00Z");

  @Test
  void countsByCodeAndOriginTheLargestFirst() {
    Summary summary = new Summary(NOW);
    add(summary, "IMAGE_CORRUPT", "https://a/1", NOW);
    add(summary, "IMAGE_NOT_FOUND", "https://a/2", NOW);
    add(summary, "IMAGE_NOT_FOUND", "https://b/3", NOW);
    add(summary, "IMAGE_NOT_FOUND", "https://b/4", NOW);

    assertThat(summary.report().deadLetters()).isEqualTo(4);
    assertThat(summary.report().byCodeAndOrigin())
        .containsExactly(
            new Summary.GroupCount("IMAGE_NOT_FOUND", "https://b", 2),
            new Summary.GroupCount("IMAGE_CORRUPT", "https://a", 1),
            new Summary.GroupCount("IMAGE_NOT_FOUND", "https://a", 1));
  }

  @Test
  void theNewestDayIsCountedByHourWithoutWhatClaimsToBeFromTheFuture() {
    Summary summary = new Summary(NOW);
    Instant newest = Instant.parse("2026-11-19T10:59:59.999Z");
    add(summary, "X", "https://a/", newest);
    add(summary, "X", "https://a/", newest.minus(30, ChronoUnit.MINUTES));
    add(summary, "X", "https://a/", newest.minus(23, ChronoUnit.HOURS));
    add(summary, "X", "https://a/", newest.minus(24, ChronoUnit.HOURS));
    add(summary, "X", "https://a/", NOW.plusMillis(1));
    add(summary, "X", "https://a/", Instant.ofEpochMilli(Long.MAX_VALUE));
    add(summary, "X", "https://a/", Instant.ofEpochMilli(Long.MIN_VALUE));

    assertThat(summary.report().newestDay())
        .containsExactly(
            new Summary.HourCount(Instant.parse("2026-11-18T11:00:00Z"), 1),
            new Summary.HourCount(Instant.parse("2026-11-19T10:00:00Z"), 2));
  }

  @Test
  void hoursComeOutTheSameWhateverTheOrderTheyComeIn() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Hours hours = new Hours(NOW);
    long[] expected = new long[24];
    hours.add(NOW);
    expected[0] = 1;
    for (int i = 0; i < 5000; i++) {
      int ago = random.nextInt(100);
      hours.add(NOW.minus(ago, ChronoUnit.HOURS));
      if (ago < 24) {
        expected[ago]++;
      }
    }
    Instant hour = NOW.truncatedTo(ChronoUnit.HOURS);
    for (int ago = 0; ago < 24; ago++) {
      assertThat(hours.newestDay().getOrDefault(hour.minus(ago, ChronoUnit.HOURS), 0L))
          .as("seed %d, %d hours ago", seed, ago)
          .isEqualTo(expected[ago]);
    }
    assertThat(hours.newestDay()).hasSizeLessThanOrEqualTo(24);
  }

  @Test
  void madeUpGroupsDoNotFillTheMemoryAndAreCountedAllTheSame() {
    Counts<String> counts = new Counts<>(10, "(others)");
    for (int i = 0; i < 1000; i++) {
      counts.add("group " + i);
    }
    counts.add("group 3");

    assertThat(counts.total()).isEqualTo(1001);
    assertThat(counts.largestFirst()).hasSize(11);
    assertThat(counts.largestFirst().getFirst()).isEqualTo(new Counts.Count<>("(others)", 990));
    assertThat(counts.largestFirst().get(1)).isEqualTo(new Counts.Count<>("group 3", 2));
  }

  private static void add(Summary summary, String code, String uri, Instant time) {
    summary.add(
        Letters.of(
            0, 0, time.toEpochMilli(), null, new byte[] {1}, Letters.headers("requests", code)),
        Letters.request("r", uri));
  }
}
