package dev.sluice.tools.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tools.soak.Traffic.Planned;
import dev.sluice.v1.InferenceRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrafficTest {
  private static final int REQUESTS = 20_000;

  private final Traffic traffic = new Traffic(5, REQUESTS, "http://127.0.0.1:1234", true);

  @Test
  void aSeedAndANumberSayAllOfARequest() {
    Traffic again = new Traffic(5, REQUESTS, "http://127.0.0.1:1234", true);
    for (int number = 0; number < 2_000; number++) {
      Planned planned = traffic.planned(number);
      assertThat(again.planned(number)).isEqualTo(planned);
      assertThat(again.value(planned, TrafficTest::encode))
          .as("%s", planned)
          .isEqualTo(traffic.value(planned, TrafficTest::encode));
    }
  }

  @Test
  void anIdLeadsBackToItsNumberAndOnlyUnderItsSeed() {
    Traffic other = new Traffic(6, REQUESTS, "http://127.0.0.1:1234", true);
    for (int number : new int[] {0, 1, 999_999, 9_999_999, 123_456_789}) {
      assertThat(traffic.number(traffic.requestId(number))).hasValue(number);
      assertThat(other.number(traffic.requestId(number))).isEmpty();
    }
    assertThat(traffic.number("")).isEmpty();
    assertThat(traffic.number("soak-0000001-00000000")).isEmpty();
  }

  @Test
  void everyKindComesAsOftenAsItsShareSays() {
    Map<RequestKind, Long> counts =
        IntStream.range(0, REQUESTS)
            .mapToObj(number -> traffic.planned(number).kind())
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));

    for (RequestKind kind : RequestKind.values()) {
      // Half of those whose images come later are too late for that.
      double share =
          switch (kind) {
            case RESTORED -> kind.share() / 2.0;
            case ABSENT -> kind.share() + RequestKind.RESTORED.share() / 2.0;
            default -> kind.share();
          };
      double expected = REQUESTS * share / 1000.0;
      assertThat(counts.getOrDefault(kind, 0L).doubleValue())
          .as("%s", kind)
          .isBetween(expected * 0.7, expected * 1.3);
    }
  }

  @Test
  void imagesThatComeLaterAreThoseOfTheFirstHalf() {
    int[] restored = traffic.restored().toArray();

    assertThat(restored).isNotEmpty();
    assertThat(
            IntStream.range(0, REQUESTS)
                .filter(number -> traffic.planned(number).kind() == RequestKind.RESTORED))
        .containsExactly(Arrays.stream(restored).boxed().toArray(Integer[]::new))
        .allMatch(number -> number < REQUESTS / 2);
  }

  @Test
  void whatFailsForEverIsLeftOutWhereItsEndIsNotKnown() {
    Traffic without = new Traffic(5, REQUESTS, "http://127.0.0.1:1234", false);

    assertThat(IntStream.range(0, REQUESTS).mapToObj(without::planned))
        .noneMatch(planned -> planned.kind() == RequestKind.UNAVAILABLE);
  }

  @Test
  void companyHasNothingWrongWithIt() {
    assertThat(IntStream.range(REQUESTS, REQUESTS + 1_000).mapToObj(traffic::planned))
        .allMatch(planned -> !planned.kind().isPoison() && planned.key().isEmpty());
    assertThat(traffic.isCompany(REQUESTS - 1)).isFalse();
    assertThat(traffic.isCompany(REQUESTS)).isTrue();
  }

  @Test
  void halfOfTheRequestsShareAHundredKeys() {
    Map<String, Long> keys =
        IntStream.range(0, REQUESTS)
            .mapToObj(number -> traffic.planned(number).key())
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));

    assertThat(keys).hasSize(Traffic.KEYS + 1);
    assertThat(keys.getOrDefault("", 0L)).isBetween(REQUESTS * 45L / 100, REQUESTS * 55L / 100);
  }

  private static byte[] encode(InferenceRequest request) {
    try {
      return InferenceRequest.getEncoder().encode(request).array();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
