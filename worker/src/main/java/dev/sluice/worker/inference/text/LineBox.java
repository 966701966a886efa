package dev.sluice.worker.inference.text;

import dev.sluice.worker.model.Output.Point;
import dev.sluice.worker.model.Placement;
import java.util.List;

/**
 * A line of text as a parallelogram: the corner where reading starts, and the two sides from there.
 *
 * @param x of the corner where reading starts
 * @param y of the corner where reading starts
 * @param acrossX of the side along which the line is read
 * @param acrossY of the side along which the line is read
 * @param downX of the side from the line's top to its bottom, a turn clockwise from the first
 * @param downY of the side from the line's top to its bottom
 */
record LineBox(double x, double y, double acrossX, double acrossY, double downX, double downY) {
  /**
   * From this height to width on a line is read from top to bottom instead of from left to right,
   * its letters lying on their sides (PaddleOCR, tools/infer/utility.py, get_rotate_crop_image).
   */
  private static final double VERTICAL = 1.5;

  /**
   * The line in a rectangle of a rendition, in the image's coordinates.
   *
   * @param rectangle where the line is, in the rendition's pixels
   * @param placement where the rendition lies in the image
   */
  static LineBox of(RotatedRectangle rectangle, Placement placement) {
    double halfFirst = rectangle.first() / 2;
    double halfSecond = rectangle.second() / 2;
    double firstX = rectangle.unitX() * halfFirst;
    double firstY = rectangle.unitY() * halfFirst;
    double secondX = -rectangle.unitY() * halfSecond;
    double secondY = rectangle.unitX() * halfSecond;
    LineBox box =
        new LineBox(
            placement.imageX(rectangle.centerX() - firstX - secondX),
            placement.imageY(rectangle.centerY() - firstY - secondY),
            2 * firstX * placement.scaleX(),
            2 * firstY * placement.scaleY(),
            2 * secondX * placement.scaleX(),
            2 * secondY * placement.scaleY());
    return box.upright();
  }

  /** Starts at the corner from which reading goes most to the right, or down for a tall line. */
  private LineBox upright() {
    LineBox best = this;
    LineBox turned = this;
    for (int corner = 1; corner < 4; corner++) {
      turned = turned.turned();
      if (turned.acrossX / turned.width() > best.acrossX / best.width()) {
        best = turned;
      }
    }
    return best.height() >= VERTICAL * best.width() ? best.turned() : best;
  }

  /** The same outline from its next corner on, clockwise. */
  private LineBox turned() {
    return new LineBox(x + acrossX, y + acrossY, downX, downY, -acrossX, -acrossY);
  }

  /** How long the line is. */
  double width() {
    return Math.hypot(acrossX, acrossY);
  }

  /** How tall the line is. */
  double height() {
    return Math.hypot(downX, downY);
  }

  double centerX() {
    return x + (acrossX + downX) / 2;
  }

  double centerY() {
    return y + (acrossY + downY) / 2;
  }

  /** How far the outline reaches from its centre, upwards and downwards. */
  double verticalReach() {
    return (Math.abs(acrossY) + Math.abs(downY)) / 2;
  }

  /** How far the outline reaches from its centre, to the left and to the right. */
  double horizontalReach() {
    return (Math.abs(acrossX) + Math.abs(downX)) / 2;
  }

  /**
   * The box without what its middle lines show outside an image of this size: widening may have
   * pushed it over the edge, where there is nothing to read.
   */
  LineBox within(double imageWidth, double imageHeight) {
    Part across =
        Part.WHOLE
            .inside(x + downX / 2, acrossX, imageWidth)
            .inside(y + downY / 2, acrossY, imageHeight);
    Part down =
        Part.WHOLE
            .inside(x + acrossX / 2, downX, imageWidth)
            .inside(y + acrossY / 2, downY, imageHeight);
    return new LineBox(
        x + acrossX * across.from + downX * down.from,
        y + acrossY * across.from + downY * down.from,
        acrossX * across.length(),
        acrossY * across.length(),
        downX * down.length(),
        downY * down.length());
  }

  /** The same line in a rendition's pixels. */
  LineBox in(Placement placement) {
    return new LineBox(
        x / placement.scaleX() + placement.offsetX(),
        y / placement.scaleY() + placement.offsetY(),
        acrossX / placement.scaleX(),
        acrossY / placement.scaleY(),
        downX / placement.scaleX(),
        downY / placement.scaleY());
  }

  /** The outline clockwise from where reading starts, held within an image of this size. */
  List<Point> polygon(double imageWidth, double imageHeight) {
    return List.of(
        point(x, y, imageWidth, imageHeight),
        point(x + acrossX, y + acrossY, imageWidth, imageHeight),
        point(x + acrossX + downX, y + acrossY + downY, imageWidth, imageHeight),
        point(x + downX, y + downY, imageWidth, imageHeight));
  }

  private static Point point(double x, double y, double width, double height) {
    return new Point((float) Math.clamp(x, 0, width), (float) Math.clamp(y, 0, height));
  }

  /** A part of a way, from 0 at its start to 1 at its end. */
  private record Part(double from, double to) {
    static final Part WHOLE = new Part(0, 1);

    /**
     * The part in which {@code start + part * way} lies from 0 to limit; whole where it never does.
     */
    Part inside(double start, double way, double limit) {
      if (way == 0) {
        return this;
      }
      double zero = -start / way;
      double end = (limit - start) / way;
      double enters = Math.max(from, Math.min(zero, end));
      double leaves = Math.min(to, Math.max(zero, end));
      return enters < leaves ? new Part(enters, leaves) : this;
    }

    double length() {
      return to - from;
    }
  }
}
