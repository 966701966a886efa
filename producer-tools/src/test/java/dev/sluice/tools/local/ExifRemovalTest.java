package dev.sluice.tools.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.devstack.Assets;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ExifRemovalTest {
  @Test
  void takesTheOrientationAndLeavesThePixels() throws IOException {
    byte[] before = Files.readAllBytes(Assets.photographs().resolve("signtext.jpg"));
    byte[] after = ExifRemoval.apply(before);

    assertThat(text(before)).contains("Exif\0\0");
    assertThat(text(after)).doesNotContain("Exif\0\0");
    assertThat(pixels(after)).isEqualTo(pixels(before));
  }

  @Test
  void saysThatAFileIsNoJpeg() throws IOException {
    byte[] whole = Files.readAllBytes(Assets.photographs().resolve("signtext.jpg"));

    assertThatIllegalArgumentException().isThrownBy(() -> ExifRemoval.apply(new byte[100]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExifRemoval.apply(Arrays.copyOf(whole, 300)));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static int[] pixels(byte[] jpeg) throws IOException {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(jpeg));
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }
}
