package dev.sluice.tools.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.sluice.devstack.Assets;
import dev.sluice.devstack.onnx.OnnxModels;
import dev.sluice.tools.CommandLines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo as its users see it: real servers, a real worker, the real model. */
class DemoIT {
  @TempDir private Path folder;
  private Set<Long> before = Set.of();

  @BeforeEach
  void rememberProcesses() {
    before = processes();
  }

  @AfterEach
  void nothingIsLeftBehind() {
    Set<Long> left = processes();
    left.removeAll(before);
    assertThat(left).isEmpty();
  }

  @Test
  void theSignIsReadAndTheFailuresShow() throws Exception {
    Path page = folder.resolve("page.html");

    CommandLines.Run run = CommandLines.run("demo", "--out", page.toString());

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("SHELBURNE", "CEMETERY", "in 1879 for use as a cemetery")
        .contains("broken.jpg", "IMAGE_CORRUPT", "unreachable.jpg", "IMAGE_UNAVAILABLE")
        .contains(page.toUri().toString());
    assertThat(Files.readString(page)).contains("SHELBURNE", "IMAGE_CORRUPT", "<polygon");
  }

  @Test
  void otherPhotographsGoThroughAnotherModelAndComeOutAsJson() throws Exception {
    Path photographs = Files.createDirectories(folder.resolve("photos/my holiday"));
    Files.copy(Assets.photographs().resolve("cat.jpg"), photographs.resolve("the cat.jpg"));

    Path model = folder.resolve("colours.onnx");
    OnnxModels.ultralyticsColorClassifier().write(model);

    CommandLines.Run run =
        CommandLines.run(
            "demo",
            "--json",
            "--images",
            folder.resolve("photos").toString(),
            "--model",
            model.toString(),
            "--out",
            folder.resolve("page.html").toString());

    assertThat(run.exit()).as(run.err()).isZero();
    Map<String, JsonNode> results = new HashMap<>();
    for (String line : run.out().lines().toList()) {
      JsonNode json = new JsonMapper().readTree(line);
      results.put(json.at("/metadata/source").textValue(), json);
    }
    assertThat(results).containsOnlyKeys("my holiday/the cat.jpg", "broken.jpg", "unreachable.jpg");
    JsonNode cat = results.getOrDefault("my holiday/the cat.jpg", NullNode.instance);
    assertThat(cat.at("/model").textValue()).isEqualTo("colours");
    assertThat(cat.at("/output/classes/0/label").textValue()).isIn(OnnxModels.COLORS);
  }

  @Test
  void aModelThatCannotBeServedIsToldWithTheEndOfTheWorkersLog() throws Exception {
    Path model = Files.writeString(folder.resolve("nonsense.onnx"), "not a model");

    CommandLines.Run run =
        CommandLines.run(
            "demo", "--model", model.toString(), "--out", folder.resolve("page.html").toString());

    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("worker-1 ended while starting", "nonsense");
    assertThat(folder.resolve("page.html")).doesNotExist();
  }

  private static Set<Long> processes() {
    return ProcessHandle.current()
        .descendants()
        .filter(ProcessHandle::isAlive)
        .map(ProcessHandle::pid)
        .collect(Collectors.toSet());
  }
}
