package dev.sluice.tools.picture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tools.results.Finding;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnnotatorTest {

  private final Annotator annotator = Annotator.create();

  @ParameterizedTest
  @ValueSource(ints = {32, 640, 3000})
  void anOutlineIsDrawnWhereItBelongsAtAnySize(int side) {
    float edge = side * 0.75f;
    Photograph drawn =
        annotator.draw(plain(side, side, Color.GRAY), List.of(box("x", edge, edge, side, side)));

    BufferedImage pixels = drawn.pixels();
    int canvas = Math.max(side, Annotator.MIN_SIDE);
    assertThat(pixels.getWidth()).isEqualTo(canvas);
    int at = canvas * 3 / 4;
    int inner = canvas * 15 / 16;
    assertThat(pixels.getRGB(at, inner)).as("left edge").isNotEqualTo(Color.GRAY.getRGB());
    assertThat(pixels.getRGB(inner, at)).as("top edge").isNotEqualTo(Color.GRAY.getRGB());
    assertThat(pixels.getRGB(inner, inner)).as("inside").isEqualTo(Color.GRAY.getRGB());
    assertThat(pixels.getRGB(4, canvas - 4)).as("elsewhere").isEqualTo(Color.GRAY.getRGB());
  }

  @ParameterizedTest
  @ValueSource(ints = {0x000000, 0x808080, 0xFFFFFF, 0x56B4E9, 0xE69F00})
  void anOutlineStandsOutOnAnyBackground(int rgb) {
    Photograph drawn =
        annotator.draw(plain(800, 800, new Color(rgb)), List.of(box("x", 600, 600, 800, 800)));

    // Across the left edge, below the label's height.
    double contrast = 0;
    for (int x = 590; x < 610; x++) {
      contrast =
          Math.max(contrast, contrast(new Color(drawn.pixels().getRGB(x, 700)), new Color(rgb)));
    }
    assertThat(contrast).isGreaterThan(4.5);
  }

  @Test
  void letteringIsDrawnOrItIsSaidThatThereIsNone() {
    Photograph drawn =
        annotator.draw(
            plain(800, 800, Color.GRAY),
            List.of(new Finding("street sign", OptionalDouble.of(0.9), List.of())));

    boolean plate =
        annotator.hasLettering() == (drawn.pixels().getRGB(12, 3) != Color.GRAY.getRGB());
    assertThat(plate).isTrue();
  }

  @Test
  void hostileFindingsDoNotStopTheDrawing() {
    List<Finding> findings = new ArrayList<>();
    findings.add(box("nan", Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 1e30f));
    findings.add(new Finding("\u0000\ud800\u202e", OptionalDouble.of(Double.NaN), List.of()));
    findings.add(
        new Finding("one corner", OptionalDouble.empty(), List.of(new Finding.Corner(1, 1))));
    for (int i = 0; i < 2000; i++) {
      findings.add(box("x".repeat(10_000), i, i, i + 10, i + 10));
    }
    Photograph drawn = annotator.draw(plain(100, 3, Color.GRAY), findings);
    assertThat(drawn.pixels().getWidth()).isEqualTo(Annotator.MIN_SIDE);
  }

  /** Labels stay inside, and apart while there is room. */
  @Test
  void labelsKeepOutOfEachOthersWay() {
    LabelPlacement placement = new LabelPlacement(1000, 1000);
    List<Rectangle2D> places = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      places.add(placement.place(new Rectangle2D.Double(400, 400, 100, 100), 120, 20));
    }
    for (int i = 0; i < places.size(); i++) {
      for (int j = 0; j < i; j++) {
        assertThat(places.get(i).intersects(places.get(j))).as("%d and %d", i, j).isFalse();
      }
    }

    long seed = System.nanoTime();
    Random random = new Random(seed);
    Rectangle2D picture = new Rectangle2D.Double(0, 0, 1000, 1000);
    for (int i = 0; i < 200; i++) {
      Rectangle2D target =
          new Rectangle2D.Double(
              random.nextInt(-500, 1500), random.nextInt(-500, 1500), random.nextInt(500), 30);
      assertThat(picture.contains(placement.place(target, 1 + random.nextInt(900), 20)))
          .as("seed %d, target %s", seed, target)
          .isTrue();
    }
  }

  private static Finding box(String text, float left, float top, float right, float bottom) {
    return new Finding(
        text,
        OptionalDouble.of(0.5),
        List.of(
            new Finding.Corner(left, top),
            new Finding.Corner(right, top),
            new Finding.Corner(right, bottom),
            new Finding.Corner(left, bottom)));
  }

  private static Photograph plain(int width, int height, Color color) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(color);
    graphics.fillRect(0, 0, width, height);
    graphics.dispose();
    return new Photograph(image, width, height);
  }

  /** Contrast ratio as WCAG 2.2 defines it, 1 to 21. */
  private static double contrast(Color a, Color b) {
    double light = Math.max(luminance(a), luminance(b));
    double dark = Math.min(luminance(a), luminance(b));
    return (light + 0.05) / (dark + 0.05);
  }

  private static double luminance(Color color) {
    return 0.2126 * linear(color.getRed())
        + 0.7152 * linear(color.getGreen())
        + 0.0722 * linear(color.getBlue());
  }

  private static double linear(int channel) {
    double value = channel / 255.0;
    return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
  }
}
