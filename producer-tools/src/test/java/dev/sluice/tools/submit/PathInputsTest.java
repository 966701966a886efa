package dev.sluice.tools.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PathInputsTest {
  @TempDir private Path folder;

  @BeforeEach
  void photographs() throws IOException {
    write("b.JPG", "not really");
    write("a.png", "");
    write("notes.txt", "hello");
    write("sniffed", "GIF89a......");
    write(".hidden.jpg", "x");
    write("sub/c.webp", "x");
    write(".git/d.jpg", "x");
    write("odd [1].jpg", "x");
  }

  @Test
  void aFolderYieldsItsImagesByNameAndBelow() {
    assertThat(names(folder.toString()))
        .containsExactly("a.png", "b.JPG", "odd [1].jpg", "sniffed", "sub/c.webp");
  }

  @Test
  void aFileIsTakenWhateverItIsCalled() {
    assertThat(names(folder + "/notes.txt")).containsExactly("notes.txt");
    assertThat(names(folder + "/odd [1].jpg")).containsExactly("odd [1].jpg");
  }

  @Test
  void patternsFindWhatTheyMatch() {
    assertThat(names(folder + "/*.{png,JPG}")).containsExactly("a.png", "b.JPG");
    assertThat(names(folder + "/**.webp")).containsExactly("sub/c.webp");
    assertThat(names(folder + "/s*/*.webp")).containsExactly("sub/c.webp");
  }

  @Test
  void whatIsNotThereIsToldAndTheOthersGoOn() throws IOException {
    Files.createDirectory(folder.resolve("empty"));

    assertThat(
            names(
                folder + "/none.jpg",
                folder + "/*.tiff",
                folder + "/empty",
                "gopher://x/y",
                "http:///y",
                folder + "/a.png"))
        .containsExactly(
            "none.jpg: no such file or folder",
            "*.tiff: no file matches this pattern",
            "empty: no images in this folder (JPEG, PNG, WebP, BMP, GIF, TIFF are looked for)",
            "gopher://x/y: workers do not fetch gopher: addresses; use http, https, s3 or file",
            "http:///y: the address names no host",
            "a.png");
  }

  @Test
  void namesOfAddressesHoldNoSecrets() throws InputException {
    assertThat(
            Addresses.parse("https://me:secret@example.com:8443/a%20b.jpg?X-Amz-Signature=s#f")
                .name())
        .isEqualTo("https://example.com:8443/a%20b.jpg");
    assertThat(Addresses.parse("s3://my_bucket/key").name()).isEqualTo("s3://my_bucket/key");
    assertThat(Addresses.parse("s3://me:secret@my_bucket/key").name())
        .isEqualTo("s3://my_bucket/key");
    assertThat(Addresses.parse("file:///a/b.jpg").name()).isEqualTo("file:/a/b.jpg");
  }

  private List<String> names(String... arguments) {
    return PathInputs.expand(List.of(arguments)).stream()
        .map(input ->
            switch (input) {
              case Input.Accepted accepted -> accepted.draft().image().name();
              case Input.Rejected rejected -> rejected.where() + ": " + rejected.problem();
            })
        .map(name -> name.replace(folder + "/", ""))
        .toList();
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
