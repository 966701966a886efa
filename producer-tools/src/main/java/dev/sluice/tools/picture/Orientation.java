package dev.sluice.tools.picture;

import com.drew.imaging.ImageMetadataReader;
import com.drew.imaging.ImageProcessingException;
import com.drew.metadata.Metadata;
import com.drew.metadata.exif.ExifIFD0Directory;
import java.awt.geom.AffineTransform;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/**
 * How a stored image has to be turned to be seen the right way up: the EXIF orientation (EXIF 2.32,
 * tag 0x0112), named by what has to be done to the stored pixels.
 */
enum Orientation {
  AS_STORED(1),
  MIRRORED(2),
  TURNED_180(3),
  FLIPPED(4),
  TRANSPOSED(5),
  TURNED_RIGHT(6),
  TRANSVERSED(7),
  TURNED_LEFT(8);

  private final int tag;

  Orientation(int tag) {
    this.tag = tag;
  }

  /** The orientation that an encoded image states; as stored when it states none or nonsense. */
  static Orientation of(byte[] encoded) {
    try {
      Metadata metadata =
          ImageMetadataReader.readMetadata(new ByteArrayInputStream(encoded), encoded.length);
      for (ExifIFD0Directory exif : metadata.getDirectoriesOfType(ExifIFD0Directory.class)) {
        Integer tag = exif.getInteger(ExifIFD0Directory.TAG_ORIENTATION);
        for (Orientation orientation : values()) {
          if (tag != null && tag == orientation.tag) {
            return orientation;
          }
        }
      }
    } catch (ImageProcessingException | IOException e) {
      // No metadata that can be read: nothing says that the image must be turned.
      return AS_STORED;
    }
    return AS_STORED;
  }

  /** Whether width and height change places. */
  boolean swapsSides() {
    return tag >= TRANSPOSED.tag;
  }

  /** Maps stored coordinates to seen ones, for a stored image of this size. */
  AffineTransform toSeen(double width, double height) {
    return switch (this) {
      case AS_STORED -> new AffineTransform();
      case MIRRORED -> new AffineTransform(-1, 0, 0, 1, width, 0);
      case TURNED_180 -> new AffineTransform(-1, 0, 0, -1, width, height);
      case FLIPPED -> new AffineTransform(1, 0, 0, -1, 0, height);
      case TRANSPOSED -> new AffineTransform(0, 1, 1, 0, 0, 0);
      case TURNED_RIGHT -> new AffineTransform(0, 1, -1, 0, height, 0);
      case TRANSVERSED -> new AffineTransform(0, -1, -1, 0, height, width);
      case TURNED_LEFT -> new AffineTransform(0, -1, 1, 0, 0, width);
    };
  }
}
