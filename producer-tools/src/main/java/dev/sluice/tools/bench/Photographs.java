package dev.sluice.tools.bench;

import dev.sluice.devstack.Assets;
import dev.sluice.tools.CommandException;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/**
 * The images of a run: cuts of real photographs, each scaled to one size and encoded with one
 * quality, so that sizes and formats compare. Made anew for each run.
 */
final class Photographs {
  private static final float QUALITY = 0.88f;

  /**
   * What is cut out of which photograph, in shares of its sides; enough to fill the larger sizes.
   */
  private static final List<Cut> CUTS =
      List.of(
          new Cut("photo.JPG", 0, 0, 1),
          new Cut("photo.JPG", 0, 0, 0.7),
          new Cut("photo.JPG", 0.3, 0, 0.7),
          new Cut("photo.JPG", 0, 0.3, 0.7),
          new Cut("photo.JPG", 0.3, 0.3, 0.7),
          new Cut("signtext.jpg", 0, 0, 1),
          new Cut("lab-sign.jpg", 0, 0, 1),
          new Cut("bird.png", 0, 0, 1));

  /** Without anything that a model could take for text. */
  private static final List<Cut> TEXTLESS =
      List.of(
          new Cut("cat.jpg", 0, 0, 1),
          new Cut("fisheye.jpeg", 0, 0, 1),
          new Cut("red-rose.jpeg", 0, 0, 1),
          new Cut("green-rose.jpeg", 0, 0, 1));

  private Photographs() {}

  /** What is to be seen. */
  enum Motif {
    /** All sorts, lettering among them. */
    MIXED,
    /** Animals and flowers, no lettering. */
    TEXTLESS
  }

  /** How large and how encoded. */
  record Kind(int width, int height, String format, Motif motif) {
    static final Kind VGA = new Kind(640, 480, "jpeg", Motif.MIXED);
    static final Kind FULL_HD = new Kind(1920, 1080, "jpeg", Motif.MIXED);
    static final Kind TWELVE_MEGAPIXELS = new Kind(4000, 3000, "jpeg", Motif.MIXED);
    static final Kind VGA_PNG = new Kind(640, 480, "png", Motif.MIXED);

    static final Kind VGA_TEXTLESS = new Kind(640, 480, "jpeg", Motif.TEXTLESS);

    private List<Cut> cuts() {
      return motif == Motif.MIXED ? CUTS : TEXTLESS;
    }

    /** For people. */
    String text() {
      return "%dx%d %s".formatted(width, height, format.toUpperCase(Locale.ROOT));
    }

    /** The name of their folder. */
    String folder() {
      return "%dx%d-%s%s"
          .formatted(width, height, format, motif == Motif.TEXTLESS ? "-textless" : "");
    }
  }

  /** A rectangle of the photograph, as wide and as high as {@code share} of it. */
  private record Cut(String photograph, double left, double top, double share) {}

  /**
   * Writes the images of a kind.
   *
   * @return their files, in a folder of their own below {@code root}
   */
  static List<Path> write(Kind kind, Path root) throws IOException {
    Path folder = Files.createDirectories(root.resolve(kind.folder()));
    List<Path> files = new ArrayList<>();
    List<Cut> cuts = kind.cuts();
    for (int i = 0; i < cuts.size(); i++) {
      Path file = folder.resolve(i + "." + kind.format());
      if (!Files.exists(file)) {
        Files.write(file, encoded(scaled(cuts.get(i), kind), kind.format()));
      }
      files.add(file);
    }
    return files;
  }

  /**
   * A person's own images, linked below {@code root}.
   *
   * @throws CommandException when there are none
   */
  static List<Path> link(Path folder, Path root) throws IOException {
    Path link = root.resolve("own");
    if (!Files.exists(link)) {
      Files.createSymbolicLink(link, folder.toRealPath());
    }
    try (Stream<Path> files = Files.list(link)) {
      List<Path> images = files.filter(Files::isRegularFile).sorted().toList();
      if (images.isEmpty()) {
        throw CommandException.usage("--images " + folder + " has no files");
      }
      return images;
    }
  }

  /** A JPEG of about so many bytes: a small cut of a photograph. */
  static byte[] small(int bytes) throws IOException {
    for (int side = 16; ; side += 4) {
      byte[] encoded =
          encoded(scaled(CUTS.getFirst(), new Kind(side, side, "jpeg", Motif.MIXED)), "jpeg");
      if (encoded.length >= bytes) {
        return encoded;
      }
    }
  }

  private static BufferedImage scaled(Cut cut, Kind kind) throws IOException {
    BufferedImage whole = ImageIO.read(Assets.photographs().resolve(cut.photograph()).toFile());
    int cutWidth = (int) (whole.getWidth() * cut.share());
    int cutHeight = (int) (whole.getHeight() * cut.share());
    // Filled, not stretched: what hangs over on one side is cut off.
    double ratio = Math.min((double) cutWidth / kind.width(), (double) cutHeight / kind.height());
    int width = Math.max(1, (int) (kind.width() * ratio));
    int height = Math.max(1, (int) (kind.height() * ratio));
    int left = (int) (whole.getWidth() * cut.left());
    int top = (int) (whole.getHeight() * cut.top());
    BufferedImage scaled =
        new BufferedImage(kind.width(), kind.height(), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = scaled.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    graphics.drawImage(
        whole, 0, 0, kind.width(), kind.height(), left, top, left + width, top + height, null);
    graphics.dispose();
    return scaled;
  }

  private static byte[] encoded(BufferedImage image, String format) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
    ImageWriteParam parameters = writer.getDefaultWriteParam();
    if (format.equals("jpeg")) {
      parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      parameters.setCompressionQuality(QUALITY);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), parameters);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
