package dev.sluice.tools.picture;

import dev.sluice.tools.Text;
import dev.sluice.tools.results.Finding;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Draws what a model found onto a photograph: bright outlines with a black rim, and white lettering
 * on dark plates, so that both can be read on any background. Line width and lettering follow the
 * picture's size; small pictures are enlarged first. Coordinates are those of the oriented
 * original. Needs no display. Thread-safe.
 */
public final class Annotator {
  /** Pictures with a shorter long side are enlarged to it: lettering needs room. */
  static final int MIN_SIDE = 640;

  /** More outlines than this hide the picture. */
  private static final int MAX_OUTLINES = 200;

  /** As many findings about the whole picture as are listed in its corner. */
  private static final int MAX_CAPTIONS = 5;

  private static final int MAX_LABEL_LENGTH = 48;

  /** Far outside any picture, and near enough for the rasteriser. */
  private static final double COORDINATE_LIMIT = 100_000;

  private static final Color PLATE = new Color(0, 0, 0, 205);

  /** Bright on dark, and told apart by people who see fewer colours (after Okabe and Ito, 2008). */
  private static final List<Color> COLOURS =
      List.of(
          new Color(0x56B4E9),
          new Color(0xE69F00),
          new Color(0x2FD6A3),
          new Color(0xF0E442),
          new Color(0xFF8C5A),
          new Color(0xE38FC0));

  private final Optional<Font> font;

  /**
   * @param font the lettering's face; empty: outlines without lettering
   */
  private Annotator(Optional<Font> font) {
    this.font = font;
  }

  /** An annotator with the machine's sans-serif font, or without lettering if it has no fonts. */
  public static Annotator create() {
    return new Annotator(Fonts.sansSerif());
  }

  /** Whether labels are drawn; not on a machine without fonts. */
  public boolean hasLettering() {
    return font.isPresent();
  }

  /** Draws onto the photograph, or onto an enlarged copy of it, and returns what was drawn on. */
  public Photograph draw(Photograph photograph, List<Finding> findings) {
    Photograph canvas = photograph.atLeast(MIN_SIDE);
    Graphics2D graphics = canvas.pixels().createGraphics();
    try {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      drawAll(graphics, canvas, findings);
    } finally {
      graphics.dispose();
    }
    return canvas;
  }

  private void drawAll(Graphics2D graphics, Photograph canvas, List<Finding> findings) {
    int width = canvas.pixels().getWidth();
    int height = canvas.pixels().getHeight();
    int longer = Math.max(width, height);
    double scaleX = (double) width / canvas.width();
    double scaleY = (double) height / canvas.height();
    float line = Math.max(2f, longer / 400f);
    LabelPlacement placement = new LabelPlacement(width, height);

    List<Finding> outlined =
        findings.stream()
            .filter(finding -> !finding.outline().isEmpty())
            .limit(MAX_OUTLINES)
            .toList();
    for (Finding finding : outlined) {
      drawOutline(graphics, outline(finding, scaleX, scaleY), colourOf(finding), line);
    }
    if (font.isEmpty()) {
      return;
    }
    graphics.setFont(font.get().deriveFont(Font.BOLD, Math.max(14f, longer / 55f)));
    double y = 0;
    for (Finding finding :
        findings.stream().filter(f -> f.outline().isEmpty()).limit(MAX_CAPTIONS).toList()) {
      Rectangle2D corner = new Rectangle2D.Double(0, y, 0, 0);
      y = drawLabel(graphics, placement, corner, finding, width).getMaxY();
    }
    for (Finding finding : outlined) {
      Rectangle2D bounds = outline(finding, scaleX, scaleY).getBounds2D();
      drawLabel(graphics, placement, bounds, finding, width);
    }
  }

  private static void drawOutline(Graphics2D graphics, Shape shape, Color colour, float line) {
    graphics.setStroke(stroke(line + 2 * Math.max(1.5f, line / 2)));
    graphics.setColor(Color.BLACK);
    graphics.draw(shape);
    graphics.setStroke(stroke(line));
    graphics.setColor(colour);
    graphics.draw(shape);
  }

  private static BasicStroke stroke(float width) {
    return new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
  }

  private static Rectangle2D drawLabel(
      Graphics2D graphics,
      LabelPlacement placement,
      Rectangle2D target,
      Finding finding,
      int pictureWidth) {
    FontMetrics metrics = graphics.getFontMetrics();
    double padding = metrics.getHeight() * 0.2;
    String label = fitting(label(finding), metrics, pictureWidth - 3 * padding);
    Rectangle2D place =
        placement.place(
            target, metrics.stringWidth(label) + 3 * padding, metrics.getHeight() + padding);
    graphics.setColor(PLATE);
    graphics.fill(
        new RoundRectangle2D.Double(
            place.getX(), place.getY(), place.getWidth(), place.getHeight(), padding, padding));
    graphics.setColor(colourOf(finding));
    graphics.fill(new Rectangle2D.Double(place.getX(), place.getY(), padding, place.getHeight()));
    graphics.setColor(Color.WHITE);
    graphics.drawString(
        label,
        (float) (place.getX() + 2 * padding),
        (float) (place.getY() + padding / 2 + metrics.getAscent()));
    return place;
  }

  private static String label(Finding finding) {
    String text = Text.shortened(Text.oneLine(finding.text()), MAX_LABEL_LENGTH);
    return finding.score().isPresent()
        ? text + String.format(Locale.ROOT, "  %.2f", finding.score().getAsDouble())
        : text;
  }

  private static String fitting(String label, FontMetrics metrics, double room) {
    String shorter = label;
    int length = label.codePointCount(0, label.length());
    while (metrics.stringWidth(shorter) > room && length > 2) {
      length--;
      shorter = Text.shortened(label, length);
    }
    return shorter;
  }

  private static Shape outline(Finding finding, double scaleX, double scaleY) {
    Path2D path = new Path2D.Double();
    boolean first = true;
    for (Finding.Corner corner : finding.outline()) {
      double x = coordinate(corner.x() * scaleX);
      double y = coordinate(corner.y() * scaleY);
      if (first) {
        path.moveTo(x, y);
        first = false;
      } else {
        path.lineTo(x, y);
      }
    }
    path.closePath();
    return path;
  }

  /** Coordinates come off the wire: no infinity or NaN may reach the rasteriser. */
  private static double coordinate(double value) {
    return Double.isNaN(value) ? 0 : Math.max(-COORDINATE_LIMIT, Math.min(COORDINATE_LIMIT, value));
  }

  private static Color colourOf(Finding finding) {
    return COLOURS.get(Math.floorMod(finding.text().hashCode(), COLOURS.size()));
  }
}
