package dev.sluice.worker.inference.text;

/**
 * How text is looked for and read.
 *
 * @param detectionSide the longer side, at most, of the image in which lines are looked for, a
 *     multiple of 32
 * @param readingSide the longer side, at most, of the image from which lines are read
 * @param mapThreshold from which probability on a pixel is text, 0 to 1
 * @param boxThreshold the least mean probability of a line's box, 0 to 1
 * @param unclipRatio how far a found line is widened: by this many times its area over its
 *     perimeter. The graph is trained to find lines shrunk like that
 * @param maxLines how many lines of one image are read at most; beyond that the smallest are left
 *     out
 * @param threshold the least mean confidence of a line that is answered when the request names
 *     none, 0 to 1
 */
public record TextSettings(
    int detectionSide,
    int readingSide,
    float mapThreshold,
    float boxThreshold,
    float unclipRatio,
    int maxLines,
    float threshold) {
  /** The sides of a detection graph's input are multiples of it. */
  static final int STRIDE = 32;

  public TextSettings {
    if (detectionSide < STRIDE || detectionSide % STRIDE != 0) {
      throw new IllegalArgumentException(
          "detectionSide is a multiple of " + STRIDE + ": " + detectionSide);
    }
    if (readingSide < 1 || maxLines < 1) {
      throw new IllegalArgumentException(
          "readingSide and maxLines are positive: " + readingSide + ", " + maxLines);
    }
    requireFraction("mapThreshold", mapThreshold);
    requireFraction("boxThreshold", boxThreshold);
    requireFraction("threshold", threshold);
    if (!(unclipRatio >= 0 && unclipRatio <= 10)) {
      throw new IllegalArgumentException("unclipRatio is from 0 to 10: " + unclipRatio);
    }
  }

  /**
   * What RapidOCR, whose export of PP-OCR this is made for, sets by default (its config.yaml:
   * thresh 0.3, box_thresh 0.5, unclip_ratio 1.6, max_candidates 1000, text_score 0.5), on images
   * of at most 960 pixels as PaddleOCR's own tools do (tools/infer/utility.py: det_limit_side_len),
   * read from images of at most 2048.
   */
  public static TextSettings ppOcr() {
    return new TextSettings(960, 2048, 0.3f, 0.5f, 1.6f, 1000, 0.5f);
  }

  private static void requireFraction(String name, float value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(name + " is from 0 to 1: " + value);
    }
  }
}
