package dev.sluice.tools.picture;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The image formats that workers read, told by file extension or by the first bytes. */
public enum ImageFormat {
  JPEG(List.of("jpg", "jpeg", "jpe", "jfif")),
  PNG(List.of("png")),
  WEBP(List.of("webp")),
  BMP(List.of("bmp", "dib")),
  GIF(List.of("gif")),
  TIFF(List.of("tif", "tiff"));

  /** How many bytes {@link #sniff} looks at. */
  public static final int SNIFFED_BYTES = 12;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> extensions;

  ImageFormat(List<String> extensions) {
    this.extensions = extensions;
  }

  /** Whether the file's name ends like that of an image. */
  public static boolean hasKnownExtension(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    String extension = name.substring(name.lastIndexOf('.') + 1);
    for (ImageFormat format : values()) {
      if (format.extensions.contains(extension)) {
        return true;
      }
    }
    return false;
  }

  /** The format that a file with these first bytes claims to have. */
  public static Optional<ImageFormat> sniff(byte[] head) {
    String text = new String(head, StandardCharsets.ISO_8859_1);
    if (text.startsWith("\u00ff\u00d8\u00ff")) {
      return Optional.of(JPEG);
    }
    if (text.startsWith("\u0089PNG\r\n\u001a\n")) {
      return Optional.of(PNG);
    }
    if (text.startsWith("RIFF") && text.startsWith("WEBP", 8)) {
      return Optional.of(WEBP);
    }
    if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) {
      return Optional.of(GIF);
    }
    if (text.startsWith("II*\0") || text.startsWith("MM\0*")) {
      return Optional.of(TIFF);
    }
    // Two letters alone are too little to call a file an image: the reserved words must be zero
    // too.
    if (text.startsWith("BM") && text.startsWith("\0\0\0\0", 6)) {
      return Optional.of(BMP);
    }
    return Optional.empty();
  }
}
