package dev.sluice.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchModelTest {
  @TempDir private Path folder;

  @Test
  void aFileIsSaidWhatItDoes() throws IOException {
    Path file = Files.writeString(folder.resolve("resnet.onnx"), "graph");

    BenchModel.own(file, "classification").write(folder.resolve("repository"));

    Path model = folder.resolve("repository/own");
    assertThat(model.resolve("model.yaml")).hasContent("task: classification");
    assertThat(model.resolve("1/model.onnx")).hasContent("graph");
  }

  @Test
  void ofAFolderTheHighestVersionAndItsDescriptionCount() throws IOException {
    Path model = folder.resolve("direction");
    for (String version : new String[] {"9", "10", "old"}) {
      Files.createDirectories(model.resolve(version));
      Files.writeString(model.resolve(version).resolve("model.onnx"), "graph " + version);
    }
    Files.writeString(model.resolve("10/labels.txt"), "a");
    Files.writeString(model.resolve("model.yaml"), "resize: stretch");

    BenchModel own = BenchModel.own(model, "");
    own.write(folder.resolve("repository"));

    assertThat(own.title()).isEqualTo("direction version 10");
    Path written = folder.resolve("repository/own");
    assertThat(written.resolve("model.yaml")).hasContent("resize: stretch");
    assertThat(written.resolve("1/model.onnx")).hasContent("graph 10");
    assertThat(written.resolve("1/labels.txt")).hasContent("a");
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatThrownBy(() -> BenchModel.own(empty, ""))
        .hasMessage("--model " + empty + " holds no version: a folder whose name is a number");
    assertThatThrownBy(() -> BenchModel.own(empty, "detection"))
        .hasMessageContaining("--task is for an ONNX file");
    Path absent = folder.resolve("absent");
    assertThatThrownBy(() -> BenchModel.own(absent, ""))
        .hasMessage("--model " + absent + " is neither a file nor a folder");
  }
}
