package dev.sluice.tools.submit;

import dev.sluice.tools.picture.ImageFormat;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Turns the arguments of {@code submit} into images: addresses as they are, files as they are,
 * folders with all images below them, and glob patterns. Within a folder or pattern the order is by
 * name. A folder yields the files that have an image's extension or begin like an image; hidden
 * ones are left out, and links to folders are not followed.
 */
final class PathInputs {
  private static final Pattern GLOB = Pattern.compile("[*?\\[{]");

  private PathInputs() {}

  static List<Input> expand(List<String> arguments) {
    List<Input> inputs = new ArrayList<>();
    for (String argument : arguments) {
      try {
        inputs.addAll(expand(argument));
      } catch (InputException e) {
        inputs.add(new Input.Rejected(argument, String.valueOf(e.getMessage())));
      }
    }
    return inputs;
  }

  private static List<Input> expand(String argument) throws InputException {
    if (Addresses.isAddress(argument)) {
      return List.of(accepted(argument, Addresses.parse(argument)));
    }
    Path path;
    try {
      path = Path.of(argument);
    } catch (InvalidPathException e) {
      throw new InputException("not a valid file name: " + e.getReason(), e);
    }
    if (Files.isDirectory(path)) {
      return folder(path);
    }
    if (Files.exists(path)) {
      return List.of(accepted(argument, new ImageReference.File(path)));
    }
    if (GLOB.matcher(argument).find()) {
      return glob(argument);
    }
    throw new InputException("no such file or folder");
  }

  private static List<Input> folder(Path folder) throws InputException {
    List<Input> found = walk(folder, folder, PathInputs::looksLikeImage);
    if (found.isEmpty()) {
      throw new InputException(
          "no images in this folder (JPEG, PNG, WebP, BMP, GIF, TIFF are looked for)");
    }
    return found;
  }

  private static List<Input> glob(String pattern) throws InputException {
    PathMatcher matcher;
    try {
      matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    } catch (PatternSyntaxException e) {
      throw new InputException("not a valid pattern: " + e.getDescription(), e);
    }
    Path base = globBase(pattern);
    List<Input> found =
        Files.isDirectory(base) ? walk(base, Path.of(""), matcher::matches) : List.of();
    if (found.isEmpty()) {
      throw new InputException("no file matches this pattern");
    }
    return found;
  }

  /** The folder above the first part of the pattern that holds a wildcard. */
  private static Path globBase(String pattern) {
    String fixed = GLOB.split(pattern, 2)[0];
    int slash = fixed.lastIndexOf('/');
    if (slash < 0) {
      return Path.of(".");
    }
    return Path.of(fixed.substring(0, Math.max(slash, 1)));
  }

  private static List<Input> walk(Path root, Path prefix, Predicate<Path> wanted)
      throws InputException {
    List<Path> files = new ArrayList<>();
    List<Input> rejected = new ArrayList<>();
    boolean strip = root.equals(Path.of(".")) && prefix.equals(Path.of(""));
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              return !folder.equals(root) && isHidden(folder)
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              Path named = strip ? root.relativize(file) : file;
              if (!isHidden(file) && Files.isRegularFile(file) && wanted.test(named)) {
                files.add(named);
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              rejected.add(new Input.Rejected(file.toString(), "cannot be read: " + e));
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new InputException("cannot be read: " + e, e);
    }
    Collections.sort(files);
    List<Input> inputs = new ArrayList<>(rejected);
    for (Path file : files) {
      inputs.add(accepted(file.toString(), new ImageReference.File(file)));
    }
    return inputs;
  }

  private static boolean isHidden(Path path) {
    Path name = path.getFileName();
    return name != null && name.toString().startsWith(".");
  }

  private static boolean looksLikeImage(Path file) {
    if (ImageFormat.hasKnownExtension(file)) {
      return true;
    }
    try (var in = Files.newInputStream(file)) {
      return ImageFormat.sniff(in.readNBytes(ImageFormat.SNIFFED_BYTES)).isPresent();
    } catch (IOException e) {
      // Unreadable and without an image's extension: nothing says that it was meant.
      return false;
    }
  }

  private static Input accepted(String where, ImageReference image) {
    return new Input.Accepted(Draft.of(where, image));
  }
}
