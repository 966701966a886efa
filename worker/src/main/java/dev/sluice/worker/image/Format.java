package dev.sluice.worker.image;

/** The encodings that are read here, told by the first bytes and never by a name or a type. */
public enum Format {
  JPEG("jpeg"),
  PNG("png"),
  WEBP("webp"),
  GIF("gif"),
  BMP("bmp"),
  TIFF("tiff");

  private final String label;

  Format(String label) {
    this.label = label;
  }

  /** The name in results. */
  public String label() {
    return label;
  }
}
