package dev.sluice.tools.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhotographTest {
  private static final Color[] CORNERS = {Color.RED, Color.GREEN, Color.BLUE, Color.WHITE};

  /**
   * The stored picture has red top left, green top right, blue bottom left, white bottom right. The
   * expected corners, in the same order, are read off the table of the EXIF specification (2.32,
   * 4.6.4, tag Orientation).
   */
  @ParameterizedTest
  @CsvSource({
    "1, RGBW, 64, 32", "2, GRWB, 64, 32", "3, WBGR, 64, 32", "4, BWRG, 64, 32",
    "5, RBGW, 32, 64", "6, BRWG, 32, 64", "7, WGBR, 32, 64", "8, GWRB, 32, 64"
  })
  void orientationIsApplied(int tag, String corners, int width, int height) throws IOException {
    Photograph photograph = Photograph.read(withOrientation(jpeg(quadrants(64, 32)), tag), 1000);

    assertThat(photograph.width()).isEqualTo(width);
    assertThat(photograph.height()).isEqualTo(height);
    assertThat(corners(photograph.pixels())).isEqualTo(corners);
    assertThat(photograph.pixels().getWidth()).isEqualTo(width);
  }

  @ParameterizedTest
  @CsvSource({"1, RGBW, 50, 25", "6, BRWG, 25, 50"})
  void largePicturesAreMadeSmallerAndKeepTheirCoordinates(
      int tag, String corners, int width, int height) throws IOException {
    Photograph photograph = Photograph.read(withOrientation(jpeg(quadrants(1000, 500)), tag), 50);

    assertThat(photograph.pixels().getWidth()).isEqualTo(width);
    assertThat(photograph.pixels().getHeight()).isEqualTo(height);
    assertThat(Math.max(photograph.width(), photograph.height())).isEqualTo(1000);
    assertThat(corners(photograph.pixels())).isEqualTo(corners);
  }

  @Test
  void smallPicturesAreMadeLargerOnRequestOnly() throws IOException {
    Photograph photograph = Photograph.read(jpeg(quadrants(64, 32)), 1000);

    assertThat(photograph.atLeast(64)).isSameAs(photograph);
    Photograph larger = photograph.atLeast(640);
    assertThat(larger.pixels().getWidth()).isEqualTo(640);
    assertThat(larger.pixels().getHeight()).isEqualTo(320);
    assertThat(larger.width()).isEqualTo(64);
    assertThat(corners(larger.pixels())).isEqualTo("RGBW");
  }

  @Test
  void transparencyBecomesWhite() throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(4, 4, BufferedImage.TYPE_INT_ARGB), "png", png);

    assertThat(Photograph.read(png.toByteArray(), 100).pixels().getRGB(1, 1)).isEqualTo(0xFFFFFFFF);
  }

  @Test
  void aBombIsRefusedByItsHeader() throws IOException {
    // A PNG header that promises 30000 x 30000 pixels.
    byte[] png =
        HexFormat.of()
            .parseHex(
                "89504e470d0a1a0a"
                    + "0000000d"
                    + "49484452"
                    + "00007530"
                    + "00007530"
                    + "0802000000"
                    + "00000000");
    assertThatThrownBy(() -> Photograph.read(png, 100))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("30000 x 30000");
  }

  /** Damaged files end in IOException and nothing else. */
  @Test
  void damagedFilesAreRefusedOrShownInPart() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] whole = withOrientation(jpeg(quadrants(64, 32)), 6);
    for (int round = 0; round < 300; round++) {
      byte[] damaged = java.util.Arrays.copyOf(whole, 1 + random.nextInt(whole.length));
      for (int i = random.nextInt(4); i > 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      try {
        assertThat(Photograph.read(damaged, 100).pixels().getWidth())
            .as("seed %d round %d", seed, round)
            .isBetween(1, 100);
      } catch (IOException refused) {
        assertThat(refused).as("seed %d round %d", seed, round).message().isNotBlank();
      }
    }
  }

  @Test
  void formatsAreToldByTheirFirstBytes() throws IOException {
    assertThat(ImageFormat.sniff(jpeg(quadrants(8, 8)))).contains(ImageFormat.JPEG);
    assertThat(
            ImageFormat.sniff(
                "RIFF1234WEBPVP8 ".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
        .contains(ImageFormat.WEBP);
    assertThat(ImageFormat.sniff(new byte[0])).isEmpty();
    assertThat(
            ImageFormat.sniff(
                "BMW and more text".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
        .isEmpty();
  }

  private static String corners(BufferedImage image) {
    int right = image.getWidth() - 3;
    int bottom = image.getHeight() - 3;
    StringBuilder corners = new StringBuilder();
    for (int[] at : new int[][] {{2, 2}, {right, 2}, {2, bottom}, {right, bottom}}) {
      corners.append(nameOf(new Color(image.getRGB(at[0], at[1]))));
    }
    return corners.toString();
  }

  private static char nameOf(Color color) {
    for (int i = 0; i < CORNERS.length; i++) {
      Color c = CORNERS[i];
      if (Math.abs(c.getRed() - color.getRed()) < 60
          && Math.abs(c.getGreen() - color.getGreen()) < 60
          && Math.abs(c.getBlue() - color.getBlue()) < 60) {
        return "RGBW".charAt(i);
      }
    }
    return '?';
  }

  private static BufferedImage quadrants(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    for (int i = 0; i < CORNERS.length; i++) {
      graphics.setColor(CORNERS[i]);
      graphics.fillRect(i % 2 * width / 2, i / 2 * height / 2, width / 2, height / 2);
    }
    graphics.dispose();
    return image;
  }

  static byte[] jpeg(BufferedImage image) throws IOException {
    return new Photograph(image, image.getWidth(), image.getHeight()).toJpeg();
  }

  /** Puts an APP1 segment with one EXIF tag right behind the start of the image. */
  static byte[] withOrientation(byte[] jpeg, int tag) throws IOException {
    byte[] exif =
        HexFormat.of()
            .parseHex(
                "ffe1"
                    + "0022"
                    + "457869660000"
                    + "4d4d002a00000008"
                    + "0001"
                    + "0112"
                    + "0003"
                    + "00000001"
                    + "%04x0000".formatted(tag)
                    + "00000000");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    out.write(exif);
    out.write(jpeg, 2, jpeg.length - 2);
    return out.toByteArray();
  }
}
