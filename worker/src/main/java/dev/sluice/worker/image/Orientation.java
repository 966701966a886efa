package dev.sluice.worker.image;

/**
 * How stored pixels are turned for a person to see them: the eight values of EXIF tag 274 (0x0112),
 * numbered as CIPA DC-008 (EXIF 2.32) 4.6.4 does. Each is a transposition or none, followed by a
 * mirroring along x, along y, both or none.
 */
public enum Orientation {
  UPRIGHT(1, false, false, false),
  MIRRORED(2, false, true, false),
  UPSIDE_DOWN(3, false, true, true),
  MIRRORED_UPSIDE_DOWN(4, false, false, true),
  TRANSPOSED(5, true, false, false),
  TURNED_CLOCKWISE(6, true, true, false),
  TRANSVERSED(7, true, true, true),
  TURNED_COUNTERCLOCKWISE(8, true, false, true);

  private final int exif;
  private final boolean transposed;
  private final boolean mirroredX;
  private final boolean mirroredY;

  Orientation(int exif, boolean transposed, boolean mirroredX, boolean mirroredY) {
    this.exif = exif;
    this.transposed = transposed;
    this.mirroredX = mirroredX;
    this.mirroredY = mirroredY;
  }

  /** The orientation of this EXIF value; {@link #UPRIGHT} for one outside 1 to 8, as viewers do. */
  public static Orientation ofExif(int value) {
    for (Orientation orientation : values()) {
      if (orientation.exif == value) {
        return orientation;
      }
    }
    return UPRIGHT;
  }

  /** The value in the file. */
  public int exif() {
    return exif;
  }

  /** Whether rows become columns, so that width and height change places. */
  public boolean transposed() {
    return transposed;
  }

  /** Whether left and right change places, after the transposition. */
  public boolean mirroredX() {
    return mirroredX;
  }

  /** Whether top and bottom change places, after the transposition. */
  public boolean mirroredY() {
    return mirroredY;
  }
}
