package dev.sluice.tools.local;

import dev.sluice.devstack.Assets;
import dev.sluice.tools.CommandException;
import dev.sluice.tools.submit.AddressSubmission;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * What the demo submits: photographs below one folder that an image server serves, and beside them
 * a broken file and an address where nobody answers, so that failures show too.
 *
 * @param photographs where they are
 * @param served what the image server serves
 * @param only names of the photographs to take; none: all
 */
record DemoSet(Path photographs, Path served, List<String> only) {
  static final String BROKEN = "broken.jpg";
  static final String UNREACHABLE = "unreachable.jpg";

  /** The port of the discard service (RFC 863), which nobody runs any more. */
  static final URI NOBODY = URI.create("http://127.0.0.1:9");

  private static final String FOLDER = "photographs";

  /** Photographs from the build with something to read in them, and two without. */
  private static final List<String> WITH_TEXT =
      List.of("signtext.jpg", "lab-sign.jpg", "photo.JPG", "text.png", "bird.png", "cat.jpg");

  /** Its EXIF orientation is stale, see {@link ExifRemoval}. */
  private static final String ON_ITS_SIDE = "signtext.jpg";

  /** The errors that are meant to happen, by the image's name. */
  static final Map<String, String> EXPECTED_ERRORS =
      Map.of(BROKEN, "IMAGE_CORRUPT", UNREACHABLE, "IMAGE_UNAVAILABLE");

  /**
   * The photographs that come with Sluice.
   *
   * @param scratch an empty folder
   * @param all whether also those in which there is nothing to read
   */
  static DemoSet builtIn(Path scratch, boolean all) throws IOException {
    Path photographs = Files.createDirectory(scratch.resolve("photographs"));
    try (Stream<Path> files = Files.list(Assets.photographs())) {
      for (Path file : files.toList()) {
        Path copy = photographs.resolve(file.getFileName());
        if (file.endsWith(ON_ITS_SIDE)) {
          Files.write(copy, ExifRemoval.apply(Files.readAllBytes(file)));
        } else {
          Files.copy(file, copy);
        }
      }
    }
    return of(photographs, scratch, all ? List.of() : WITH_TEXT);
  }

  /**
   * All images below a folder.
   *
   * @throws CommandException if there are none
   */
  static DemoSet of(Path photographs, Path scratch) throws IOException {
    DemoSet set = of(photographs, scratch, List.of());
    try {
      // Before any server is started, so the addresses do not matter yet.
      SequencedMap<String, URI> _ = AddressSubmission.imagesIn(photographs, NOBODY);
      return set;
    } catch (IOException e) {
      throw CommandException.usage("--images " + e.getMessage(), e);
    }
  }

  private static DemoSet of(Path photographs, Path scratch, List<String> only) throws IOException {
    Path served = Files.createDirectory(scratch.resolve("served"));
    Files.createSymbolicLink(served.resolve(FOLDER), photographs.toRealPath());
    byte[] whole = Files.readAllBytes(Assets.photographs().resolve("signtext.jpg"));
    // The header and the first rows: what an upload that broke off leaves behind.
    Files.write(served.resolve(BROKEN), Arrays.copyOf(whole, whole.length / 3));
    return new DemoSet(photographs.toRealPath(), served, only);
  }

  /** Every image's address, by what a person calls it. */
  SequencedMap<String, URI> addresses(String server) throws IOException {
    SequencedMap<String, URI> addresses = new LinkedHashMap<>();
    SequencedMap<String, URI> found =
        AddressSubmission.imagesIn(photographs, URI.create(server + "/" + FOLDER));
    for (String name : only.isEmpty() ? found.sequencedKeySet() : only) {
      URI address = found.get(name);
      if (address == null) {
        throw new IOException(photographs.resolve(name) + " is missing: build again");
      }
      addresses.put(name, address);
    }
    addresses.put(BROKEN, URI.create(server + "/" + BROKEN));
    addresses.put(UNREACHABLE, NOBODY.resolve("/" + UNREACHABLE));
    return addresses;
  }
}
