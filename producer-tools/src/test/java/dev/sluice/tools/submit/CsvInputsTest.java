package dev.sluice.tools.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvInputsTest {
  @TempDir private Path folder;

  @Test
  void columnsBecomeFieldsParametersAndMetadata() throws Exception {
    List<Input> inputs =
        read(
            """
            image_uri,request_id,model,model_version,deadline,parameters.top_k,metadata.source,camera
            https://example.com/a.jpg,r1,signs,2,30s,3,door,north
            """);

    Draft draft = accepted(inputs.getFirst());
    assertThat(inputs).hasSize(1);
    assertThat(draft.where()).endsWith("requests.csv line 2");
    assertThat(draft.image())
        .isEqualTo(new ImageReference.Address(URI.create("https://example.com/a.jpg")));
    assertThat(draft.requestId()).isEqualTo("r1");
    assertThat(draft.model()).isEqualTo("signs");
    assertThat(draft.modelVersion()).isEqualTo("2");
    assertThat(draft.deadline()).isEqualTo("30s");
    assertThat(draft.parameters()).isEqualTo(Map.of("top_k", "3"));
    assertThat(draft.metadata()).isEqualTo(Map.of("source", "door", "camera", "north"));
  }

  @Test
  void aFileIsRelativeToTheCsvFileAndEmptyCellsAreAbsent() throws Exception {
    Draft draft = accepted(read("image_uri,model,camera\nsub/a.jpg,,\n").getFirst());

    assertThat(draft.image()).isEqualTo(new ImageReference.File(folder.resolve("sub/a.jpg")));
    assertThat(draft.model()).isEmpty();
    assertThat(draft.metadata()).isEmpty();
  }

  @Test
  void aBadLineIsNamedAndTheOthersGoOn() throws Exception {
    List<Input> inputs =
        read(
            """
            image_uri,camera
            a.jpg,north
            b.jpg,"never closed
            c.jpg,south,extra

            ,west
            ftp://example.com/x.jpg,west
            https://exa mple.com/x.jpg,west
            "d.jpg" oops,west
            e.jpg,"two
            lines"
            f.jpg,east
            """);

    assertThat(inputs.stream().map(CsvInputsTest::describe))
        .containsExactly(
            "a.jpg",
            "line 3: a quote is opened and never closed",
            "line 4: has 3 cells, but the first line names 2 columns",
            "line 6: image_uri is empty",
            "line 7: workers do not fetch ftp: addresses; use http, https, s3 or file",
            "line 8: not a valid address: Illegal character in authority at character 12 (blanks"
                + " and other special characters must be percent-encoded)",
            "line 9: not valid CSV: Unexpected character ('o' (code 111)): Expected column"
                + " separator character (',' (code 44)) or end-of-line",
            "e.jpg",
            "f.jpg");
    assertThat(accepted(inputs.get(7)).metadata()).isEqualTo(Map.of("camera", "two\nlines"));
    assertThat(accepted(inputs.get(7)).where()).endsWith("line 10");
    assertThat(accepted(inputs.get(8)).where()).endsWith("line 12");
  }

  @Test
  void aHeaderWithoutImagesStopsTheFileOnce() throws Exception {
    assertThat(read("uri,camera\na.jpg,north\nb.jpg,south\n").stream().map(CsvInputsTest::describe))
        .singleElement()
        .asString()
        .contains("line 1", "image_uri must be one of them", "uri, camera");
    assertThat(read("image_uri,image_uri\na,b\n").stream().map(CsvInputsTest::describe))
        .containsExactly("line 1: column image_uri is there twice; no line was read");
    assertThat(read("")).singleElement().asString().contains("the file is empty");
  }

  @Test
  void aByteOrderMarkIsNotPartOfTheFirstColumn() throws Exception {
    assertThat(accepted(read("\ufeffimage_uri\na.jpg\n").getFirst()).image().name())
        .endsWith("a.jpg");
  }

  /** Whatever the damage, good lines around it arrive, and the count is that of what comes out. */
  @Test
  void randomDamageNeverReachesOtherLines() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String alphabet = "a,\"\n \\\t;é\u0000";
    for (int round = 0; round < 300; round++) {
      StringBuilder damage = new StringBuilder();
      for (int i = random.nextInt(12); i > 0; i--) {
        damage.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      String middle = damage.toString().replace("\n", "");
      List<Input> inputs =
          read("image_uri,camera\nfirst.jpg,1\n" + middle + "\nlast.jpg,2\nvery-last.jpg,3\n");

      List<String> told = inputs.stream().map(CsvInputsTest::describe).toList();
      assertThat(told)
          .as("seed %d, damage <%s>", seed, middle)
          .startsWith("first.jpg")
          .contains("last.jpg", "very-last.jpg");
      assertThat(new CsvInputs(folder.resolve("requests.csv")).count())
          .as("seed %d, damage <%s>", seed, middle)
          .isEqualTo(inputs.size());
    }
  }

  private List<Input> read(String text) throws IOException, InterruptedException {
    Path file = folder.resolve("requests.csv");
    Files.writeString(file, text, StandardCharsets.UTF_8);
    List<Input> inputs = new ArrayList<>();
    new CsvInputs(file).forEach(inputs::add);
    return inputs;
  }

  private static Draft accepted(Input input) {
    assertThat(input).isInstanceOf(Input.Accepted.class);
    return ((Input.Accepted) input).draft();
  }

  private static String describe(Input input) {
    return switch (input) {
      case Input.Accepted accepted -> {
        String name = accepted.draft().image().name();
        yield name.substring(name.lastIndexOf('/') + 1);
      }
      case Input.Rejected rejected ->
          rejected.where().replaceFirst(".*requests.csv ?", "") + ": " + rejected.problem();
    };
  }
}
