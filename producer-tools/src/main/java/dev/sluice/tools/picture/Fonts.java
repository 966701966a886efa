package dev.sluice.tools.picture;

import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The fonts of this machine. Servers often have none, and Java then fails at the first letter. */
final class Fonts {
  private static final Logger LOG = LoggerFactory.getLogger(Fonts.class);

  private Fonts() {}

  /** The machine's sans-serif font, if letters can be drawn with it. */
  static Optional<Font> sansSerif() {
    try {
      Font font = new Font(Font.SANS_SERIF, Font.BOLD, 16);
      font.getStringBounds("a", new FontRenderContext(null, true, true));
      return Optional.of(font);
    } catch (RuntimeException | LinkageError | InternalError e) {
      // Without libfontconfig or any font the JDK throws one of these, depending on what is
      // missing.
      LOG.info("no fonts: {}", e.toString());
      return Optional.empty();
    }
  }
}
