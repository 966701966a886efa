package dev.sluice.worker.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ImageHeaderTest {
  static List<byte[]> samples() {
    byte[] exif = TestImages.exif(6, ByteOrder.BIG_ENDIAN);
    byte[] jpeg = TestImages.jpeg(TestImages.quadrants(40, 30), 0.8f, true);
    byte[] webp = TestImages.webp(TestImages.quadrants(40, 30));
    return List.of(
        TestImages.withExif(jpeg, exif),
        TestImages.withExif(TestImages.jpeg(TestImages.quadrants(40, 30), 0.8f, false), exif),
        TestImages.withChunk(TestImages.encode(TestImages.quadrants(40, 30), "png"), "eXIf", exif),
        webp,
        TestImages.withExifChunk(webp, 40, 30, exif),
        TestImages.encode(TestImages.quadrants(40, 30), "gif"),
        TestImages.encode(TestImages.quadrants(40, 30), "bmp"),
        TestImages.tiff(TestImages.quadrants(40, 30), 6, ByteOrder.LITTLE_ENDIAN));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void readsTheSize(byte[] image) {
    ImageHeader header = ImageHeader.parse(image);
    assertThat(header.width()).isEqualTo(40);
    assertThat(header.height()).isEqualTo(30);
  }

  /** Whatever is missing at the end, the parser ends with IMAGE_CORRUPT and nothing else. */
  @ParameterizedTest
  @MethodSource("samples")
  void refusesEveryBeginningOfAnImage(byte[] image) {
    // A GIF's trailer is not needed for its first frame; other formats need their last byte.
    int shortest = image[0] == 'G' ? image.length - 2 : image.length - 1;
    for (int length = 0; length <= shortest; length++) {
      byte[] beginning = Arrays.copyOf(image, length);
      assertThatThrownBy(() -> ImageHeader.parse(beginning))
          .as("%d of %d bytes", length, image.length)
          .isInstanceOfSatisfying(
              TaskException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_CORRUPT));
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void survivesMutations(byte[] image) {
    long seed = 20_261_120L + image.length;
    Random random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      byte[] mutated = image.clone();
      int changes = 1 + random.nextInt(6);
      for (int i = 0; i < changes; i++) {
        // Most of the structure is at the beginning.
        int at = random.nextInt(random.nextBoolean() ? Math.min(200, image.length) : image.length);
        mutated[at] = (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(3) - 1);
      }
      try {
        ImageHeader header = ImageHeader.parse(mutated);
        assertThat(header.pixels()).isPositive();
      } catch (TaskException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_CORRUPT);
      } catch (RuntimeException e) {
        fail("seed " + seed + ", round " + round, e);
      }
    }
  }

  @Test
  void refusesJpegsOfEndlesslyManyScans() {
    byte[] jpeg = TestImages.jpeg(TestImages.quadrants(40, 30), 0.8f, true);
    byte[] scan = {(byte) 0xff, (byte) 0xda, 0, 8, 1, 1, 0, 1, 1, 0x10};
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    many.write(jpeg, 0, jpeg.length - 2);
    for (int i = 0; i < JpegHeader.MAX_SCANS; i++) {
      many.writeBytes(scan);
    }
    many.write(jpeg, jpeg.length - 2, 2);
    assertThatThrownBy(() -> ImageHeader.parse(many.toByteArray()))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("scans");
  }

  @Test
  void readsWhatFollowsAJpegOrNothing() {
    byte[] jpeg = TestImages.jpeg(TestImages.quadrants(40, 30), 0.8f, false);
    byte[] trailed = Arrays.copyOf(jpeg, jpeg.length + 500);
    Arrays.fill(trailed, jpeg.length, trailed.length, (byte) 'x');
    assertThat(ImageHeader.parse(trailed).width()).isEqualTo(40);
  }

  /** Rows of so many bits that their length times their number has more than 63 of them. */
  @Test
  void refusesABitmapOfAbsurdRows() {
    byte[] bitmap = TestImages.encode(TestImages.quadrants(40, 30), "bmp");
    ByteBuffer.wrap(bitmap)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(18, Integer.MAX_VALUE)
        .putInt(22, Integer.MIN_VALUE)
        .putShort(28, (short) 65_535);
    assertThatThrownBy(() -> ImageHeader.parse(bitmap))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_CORRUPT));
  }

  @Test
  void refusesOtherFormats() {
    for (String magic : List.of("<svg", "%PDF-1.7", "\0\0\0\f" + "jP  ", "P6 1 1", "#?RADIANCE")) {
      assertThatThrownBy(() -> ImageHeader.parse(magic.getBytes(StandardCharsets.ISO_8859_1)))
          .isInstanceOf(TaskException.class)
          .hasMessageContaining("not an image that is read here");
    }
  }
}
