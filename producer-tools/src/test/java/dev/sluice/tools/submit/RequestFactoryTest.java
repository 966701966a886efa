package dev.sluice.tools.submit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.v1.InferenceRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequestFactoryTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

  private static final RequestDefaults DEFAULTS =
      new RequestDefaults(
          "batch7-", "signs", "2", "30s", Map.of("top_k", "5", "a", "1"), Map.of("camera", "x"));

  private static final RequestDefaults NOTHING =
      new RequestDefaults("", "", "", "", Map.of(), Map.of());

  @TempDir private Path folder;

  @Test
  void theCommandLineFillsWhatTheDraftLeavesOpen() throws Exception {
    InferenceRequest request =
        factory(DEFAULTS, new FileTransport.Inline(100)).create(draft("https://e.com/a.jpg?sig=1"));

    assertThat(request.getRequestId()).isEqualTo("batch7-id");
    assertThat(request.getImageUri()).isEqualTo("https://e.com/a.jpg?sig=1");
    assertThat(request.getImageBytes()).isNull();
    assertThat(request.getModel()).isEqualTo("signs");
    assertThat(request.getModelVersion()).isEqualTo("2");
    assertThat(request.getDeadline()).isEqualTo(NOW.plusSeconds(30));
    assertThat(request.getParameters()).isEqualTo(Map.of("top_k", "5", "a", "1"));
    assertThat(request.getMetadata())
        .isEqualTo(Map.of("camera", "x", "source", "https://e.com/a.jpg"));
  }

  @Test
  void theDraftGoesBeforeTheCommandLine() throws Exception {
    Draft draft =
        new Draft(
            "line 2",
            Addresses.parse("s3://bucket/a.jpg"),
            "own",
            "other",
            "prod",
            "ab",
            "2026-11-20T13:00:00Z",
            Map.of("top_k", "1"),
            Map.of("source", "door"));

    InferenceRequest request = factory(DEFAULTS, new FileTransport.Inline(100)).create(draft);

    assertThat(request.getRequestId()).isEqualTo("own");
    assertThat(request.getModel()).isEqualTo("other");
    assertThat(request.getModelVersion()).isEqualTo("prod");
    assertThat(request.getImageSha256()).isEqualTo("ab");
    assertThat(request.getDeadline()).isEqualTo(Instant.parse("2026-11-20T13:00:00Z"));
    assertThat(request.getParameters()).isEqualTo(Map.of("top_k", "1", "a", "1"));
    assertThat(request.getMetadata()).isEqualTo(Map.of("camera", "x", "source", "door"));
  }

  @Test
  void whatNobodySaidIsAbsent() throws Exception {
    InferenceRequest request =
        factory(NOTHING, new FileTransport.Inline(100)).create(draft("https://e.com/a.jpg"));

    assertThat(request.getModel()).isNull();
    assertThat(request.getModelVersion()).isNull();
    assertThat(request.getImageSha256()).isNull();
    assertThat(request.getDeadline()).isNull();
  }

  @Test
  void filesTravelInsideUpToTheLimit() throws Exception {
    Path fits = write("fits.jpg", 100);
    Path tooLarge = write("large.jpg", 101);
    RequestFactory factory = factory(NOTHING, new FileTransport.Inline(100));

    InferenceRequest request = factory.create(file(fits));
    assertThat(request.getImageBytes()).isEqualTo(ByteBuffer.wrap(Files.readAllBytes(fits)));
    assertThat(request.getImageUri()).isNull();
    assertThat(request.getMetadata()).containsEntry("source", fits.toString());
    assertThatThrownBy(() -> factory.create(file(tooLarge)))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("101 bytes", "100", "--base-url", "--inline-limit");
    assertThatThrownBy(() -> factory.create(file(folder.resolve("none.jpg"))))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no such file");
    assertThatThrownBy(() -> factory.create(file(write("empty.jpg", 0))))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("empty");
  }

  @Test
  void filesBecomeAddressesBelowTheBase() throws Exception {
    Path odd = write("sub/a b+c#%?ü.jpg", 1);
    RequestFactory factory =
        factory(
            NOTHING, new FileTransport.BaseAddress(URI.create("http://images:8000/x/"), folder));

    assertThat(factory.create(file(odd)).getImageUri())
        .isEqualTo("http://images:8000/x/sub/a%20b%2Bc%23%25%3F%C3%BC.jpg");
    assertThatThrownBy(() -> factory.create(file(Path.of("/etc/hostname"))))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is not below");
  }

  @Test
  void filesBecomeFileAddresses() throws Exception {
    Path file = write("a b.jpg", 1);

    assertThat(factory(NOTHING, new FileTransport.FileAddress()).create(file(file)).getImageUri())
        .startsWith("file:///")
        .endsWith("/a%20b.jpg");
  }

  @Test
  void aBadDeadlineOrIdIsRefused() throws Exception {
    RequestFactory factory = factory(NOTHING, new FileTransport.Inline(1));
    Draft soon =
        new Draft(
            "w", Addresses.parse("http://e.com/a"), "", "", "", "", "soon", Map.of(), Map.of());
    assertThatThrownBy(() -> factory.create(soon))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("soon");
    Draft longId =
        new Draft(
            "w",
            Addresses.parse("http://e.com/a"),
            "x".repeat(257),
            "",
            "",
            "",
            "",
            Map.of(),
            Map.of());
    assertThatThrownBy(() -> factory.create(longId))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("257");
  }

  @Test
  void keysFollowTheStrategy() throws Exception {
    InferenceRequest request =
        factory(DEFAULTS, new FileTransport.Inline(1)).create(draft("https://e.com/a.jpg"));

    assertThat(KeyStrategy.parse("none").keyOf(request)).isEmpty();
    assertThat(KeyStrategy.parse("request-id").keyOf(request)).contains("batch7-id");
    assertThat(KeyStrategy.parse("source").keyOf(request)).contains("https://e.com/a.jpg");
    assertThat(KeyStrategy.parse("metadata:camera").keyOf(request)).contains("x");
    assertThat(KeyStrategy.parse("metadata:none").keyOf(request)).isEmpty();
    assertThatThrownBy(() -> KeyStrategy.parse("metadata:"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static RequestFactory factory(RequestDefaults defaults, FileTransport files) {
    return new RequestFactory(defaults, files, () -> "id", InstantSource.fixed(NOW));
  }

  private static Draft draft(String address) throws InputException {
    return Draft.of("w", Addresses.parse(address));
  }

  private static Draft file(Path path) {
    return Draft.of("w", new ImageReference.File(path));
  }

  private Path write(String name, int size) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, new byte[size]);
  }
}
