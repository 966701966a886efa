package dev.sluice.worker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValueTypeTest {
  @ParameterizedTest
  @CsvSource({
    "1,1",
    "7B,7",
    "1KB,1000",
    "1KiB,1024",
    "2 MiB,2097152",
    "0.5KiB,512",
    "3GB,3000000000"
  })
  void readsSizes(String text, long bytes) {
    assertThat(ValueType.size(1, Integer.MAX_VALUE * 2L).parse(new RawValue.Text(text)))
        .isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "-1",
        "1kb",
        "MiB",
        "1e3",
        "9999999999999999GiB",
        "5GiB",
        "1 000",
        "0x10",
        "1.B"
      })
  void refusesWhatIsNoSize(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ValueType.size(1, Integer.MAX_VALUE * 2L).parse(new RawValue.Text(text)));
  }

  @ParameterizedTest
  @CsvSource({"0ms,PT0S", "250ms,PT0.25S", "1.5s,PT1.5S", "2m,PT2M", "1h,PT1H", "1d,PT24H"})
  void readsDurations(String text, Duration duration) {
    assertThat(ValueType.duration(Duration.ZERO).parse(new RawValue.Text(text)))
        .isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10", "-1s", "1 minute", "PT1S", "10S", "999999999d"})
  void refusesWhatIsNoDuration(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ValueType.duration(Duration.ZERO).parse(new RawValue.Text(text)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "host:0", "host:65536", "http://h:1", ":9092", "a b:1"})
  void refusesWhatIsNoHostAndPort(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ValueType.hostAndPort().parse(new RawValue.Text(text)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "registry:8081", "file:///etc", "http:", "http://", "http://a b"})
  void refusesWhatIsNoUrl(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ValueType.httpUrl().parse(new RawValue.Text(text)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "True", "1", ""})
  void truthIsTrueOrFalse(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ValueType.truth().parse(new RawValue.Text(text)));
  }

  @ParameterizedTest
  @CsvSource({"'a,b'", "' a , b ,'"})
  void listsAreTextWithCommasToo(String text) {
    assertThat(ValueType.listOf(ValueType.text()).parse(new RawValue.Text(text)))
        .isEqualTo(List.of("a", "b"));
  }
}
