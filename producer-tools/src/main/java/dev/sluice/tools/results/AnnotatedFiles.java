package dev.sluice.tools.results;

import dev.sluice.tools.picture.Annotator;
import dev.sluice.tools.picture.Originals;
import dev.sluice.tools.picture.Photograph;
import dev.sluice.v1.InferenceResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Writes photographs with what was found in them drawn on top, one JPEG for each result. */
final class AnnotatedFiles {
  /** No camera's picture is wider, and more is no use to an eye. */
  private static final int MAX_SIDE = 8192;

  private static final int MAX_STEM = 80;

  private final Path folder;
  private final Originals originals;
  private final Annotator annotator;

  AnnotatedFiles(Path folder, Originals originals, Annotator annotator) {
    this.folder = folder;
    this.originals = originals;
    this.annotator = annotator;
  }

  /**
   * Writes one photograph.
   *
   * @throws IOException if the photograph is not found or not readable, or the file not writable
   */
  Path write(InferenceResult result) throws IOException, InterruptedException {
    List<Finding> findings = Finding.in(result);
    Photograph photograph = Photograph.read(originals.read(ResultRows.nameOf(result)), MAX_SIDE);
    Path file = folder.resolve(fileName(result));
    Files.write(file, annotator.draw(photograph, findings).toJpeg());
    return file;
  }

  /**
   * A name that tells the photograph, is the same at every run and differs between requests. Both
   * the photograph's name and the request id come off the wire and may hold anything.
   */
  static String fileName(InferenceResult result) {
    String source = ResultRows.nameOf(result);
    String last = source.substring(source.lastIndexOf('/') + 1);
    String stem = last.contains(".") ? last.substring(0, last.lastIndexOf('.')) : last;
    String safe = stem.replaceAll("[^A-Za-z0-9._-]", "_");
    if (safe.length() > MAX_STEM) {
      safe = safe.substring(0, MAX_STEM);
    }
    return safe.replaceFirst("^\\.", "_") + "-" + shortHash(result.getRequestId()) + ".jpg";
  }

  private static String shortHash(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 5);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
