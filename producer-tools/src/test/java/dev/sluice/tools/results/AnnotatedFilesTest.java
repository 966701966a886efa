package dev.sluice.tools.results;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tools.picture.Annotator;
import dev.sluice.tools.picture.Originals;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnnotatedFilesTest {
  @TempDir private Path folder;

  @Test
  void thePhotographIsWrittenWithItsOutlines() throws Exception {
    ImageIO.write(
        new BufferedImage(700, 700, BufferedImage.TYPE_INT_RGB),
        "png",
        folder.resolve("a.png").toFile());
    Path out = Files.createDirectory(folder.resolve("out"));
    AnnotatedFiles files =
        new AnnotatedFiles(out, Originals.in(List.of(folder), false), Annotator.create());

    Path written = files.write(Results.succeeded("id", "a.png", Results.text("STOP")));

    BufferedImage drawn = ImageIO.read(written.toFile());
    assertThat(drawn.getWidth()).isEqualTo(700);
    assertThat(drawn.getRGB(10, 30) & 0xFFFFFF).as("on the outline").isNotZero();
    assertThat(drawn.getRGB(600, 600) & 0xFFFFFF).as("off the outline").isZero();
  }

  @Test
  void fileNamesStayInTheFolderAndDifferBetweenRequests() throws IOException {
    String one = name("../../etc/passwd", "a");
    assertThat(one).matches("passwd-[0-9a-f]{10}\\.jpg");
    assertThat(name("../../etc/passwd", "b")).isNotEqualTo(one).startsWith("passwd-");
    assertThat(name("http://h/x/ü b.JPG?x", "a")).startsWith("__b-");
    assertThat(name("..", "a")).matches("_?\\.?-[0-9a-f]{10}\\.jpg");
    assertThat(name("x".repeat(500) + ".jpg", "a")).hasSizeLessThan(100);
    assertThat(name("a\u0000b/", "a")).matches("-[0-9a-f]{10}\\.jpg");
  }

  private static String name(String source, String id) {
    return AnnotatedFiles.fileName(Results.succeeded(id, source, null));
  }
}
