package dev.sluice.tools.dlt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageOriginTest {

  @ParameterizedTest
  @CsvSource({
    "https://Images.Example.com/a b.jpg, https://images.example.com",
    "HTTPS://images.example.com:443/a.jpg, https://images.example.com",
    "https://images.example.com:8443?x=1, https://images.example.com:8443",
    "http://images.example.com:80, http://images.example.com",
    "http://images.example.com:443/, http://images.example.com:443",
    "https://user:secret@images.example.com/a, https://images.example.com",
    "https://a@b@images.example.com/a, https://images.example.com",
    "'http://[::1]:80/a', 'http://[::1]'",
    "http://under_score/a, http://under_score",
    "s3://photographs/2026/a.jpg, s3://photographs",
    "file:///srv/a.jpg, file://",
    "'https://host\\@other/a', https://host",
    "no address, -",
    "//host/a, -",
    "'', -",
  })
  void isSchemeHostAndPort(String address, String origin) {
    assertThat(ImageOrigin.of(address)).isEqualTo(origin);
  }

  @Test
  void anOriginIsItsOwnOriginAndShortWhateverTheAddress() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String alphabet = "ab:/@?#.\\[]%80 \n\u0000İé";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder address = new StringBuilder(random.nextBoolean() ? "http://" : "");
      int length = random.nextInt(i % 100 == 0 ? 3000 : 30);
      for (int c = 0; c < length; c++) {
        address.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      String origin = ImageOrigin.of(address.toString());
      assertThat(origin.length()).as("seed %d: %s", seed, address).isLessThanOrEqualTo(300);
      if (!origin.equals("-") && origin.length() < 300) {
        assertThat(ImageOrigin.of(origin)).as("seed %d: %s", seed, address).isEqualTo(origin);
      }
    }
  }
}
