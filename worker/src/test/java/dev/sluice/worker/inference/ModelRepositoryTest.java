package dev.sluice.worker.inference;

import static dev.sluice.worker.inference.TestImages.BLUE;
import static dev.sluice.worker.inference.TestImages.GREEN;
import static dev.sluice.worker.inference.TestImages.RED;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.devstack.Assets;
import dev.sluice.devstack.onnx.OnnxGraph;
import dev.sluice.devstack.onnx.OnnxModels;
import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.ModelSelector;
import dev.sluice.worker.model.ModelSelector.Version;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.Output.Box;
import dev.sluice.worker.model.Output.ClassScore;
import dev.sluice.worker.model.Output.Classification;
import dev.sluice.worker.model.Output.Detections;
import dev.sluice.worker.model.Output.Embedding;
import dev.sluice.worker.model.Output.NamedTensor;
import dev.sluice.worker.model.Output.Tensors;
import dev.sluice.worker.model.TaskException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The repository on the real ONNX Runtime, with models whose right answers can be worked out. */
class ModelRepositoryTest {
  private static final RepositorySettings SETTINGS =
      new RepositorySettings(
          "cpu",
          new Instances.Fixed(2),
          new MaxBatchSize.Fixed(4),
          List.of(2, 8),
          Duration.ofMillis(3),
          Duration.ofSeconds(20));
  private static final String CLASSIFIER =
      """
      task: classification
      labels: [red, green, blue]
      """;

  @TempDir Path root;

  @Test
  void readsTheColourOfEachImageOfABatch() throws IOException {
    add("colors", OnnxModels.colorClassifier(), CLASSIFIER);

    try (ModelRepository repository = ModelRepository.open(root, SETTINGS)) {
      ServedModel model = repository.find(serving("colors"));

      assertThat(model.taskName()).isEqualTo(TaskName.CLASSIFICATION);
      assertThat(model.version()).isEqualTo("1");
      assertThat(model.maxBatchSize()).isEqualTo(4);
      assertThat(model.preferredBatchSizes()).containsExactly(2);
      assertThat(model.maxQueueDelay()).isEqualTo(Duration.ofMillis(3));
      assertThat(model.maxCallDuration()).isEqualTo(Duration.ofSeconds(20));
      assertThat(model.lanes()).hasSize(2);
      assertThat(model.task().geometries()).containsExactly(new Geometry.Stretch(32, 32));
      assertThat(best(model, BLUE, RED, GREEN)).containsExactly("blue", "red", "green");
      assertThat(classes(model, RED).getFirst().score()).isCloseTo(0.99995f, within(1e-5f));
      assertThat(classes(model, RED)).extracting(ClassScore::index).containsExactly(0, 1, 2);
    }
  }

  static Stream<Arguments> classifiers() {
    return Stream.of(
        Arguments.of(OnnxModels.colorClassifierWithProbabilities(), CLASSIFIER),
        Arguments.of(OnnxModels.ultralyticsColorClassifier(), ""),
        Arguments.of(OnnxModels.colorClassifierOnBytes(), CLASSIFIER),
        Arguments.of(OnnxModels.colorClassifierInHalfPrecision(), CLASSIFIER),
        Arguments.of(OnnxModels.colorClassifierWithFixedBatch(1), CLASSIFIER),
        Arguments.of(OnnxModels.colorClassifierWithFixedBatch(2), CLASSIFIER),
        Arguments.of(OnnxModels.colorClassifierWithFixedBatch(5), CLASSIFIER));
  }

  @ParameterizedTest
  @MethodSource("classifiers")
  void readsColoursWhateverTheGraphTakes(OnnxGraph graph, String yaml) throws IOException {
    add("colors", graph, yaml);

    try (ModelRepository repository = ModelRepository.open(root, SETTINGS)) {
      ServedModel model = repository.find(serving("colors"));

      assertThat(best(model, GREEN, BLUE, RED)).containsExactly("green", "blue", "red");
      assertThat(classes(model, GREEN).getFirst().score()).isCloseTo(0.99995f, within(1e-3f));
    }
  }

  @Test
  void feedsBgrWhenTheModelWantsIt() throws IOException {
    add("colors", OnnxModels.colorClassifier(), CLASSIFIER + "color: BGR\n");

    try (ModelRepository repository = ModelRepository.open(root, SETTINGS)) {
      assertThat(best(repository.find(serving("colors")), BLUE, RED))
          .containsExactly("red", "blue");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void aFixedBatchAnswersAsADynamicOne(int fixed) throws IOException {
    long seed = System.nanoTime();
    System.out.println("aFixedBatchAnswersAsADynamicOne seed " + seed);
    add("dynamic", OnnxModels.colorClassifier(), CLASSIFIER);
    add("fixed", OnnxModels.colorClassifierWithFixedBatch(fixed), CLASSIFIER);

    try (ModelRepository repository = ModelRepository.open(root, SETTINGS)) {
      ServedModel expected = repository.find(serving("dynamic"));
      ServedModel actual = repository.find(serving("fixed"));
      assertThat(actual.maxBatchSize()).isEqualTo(fixed);
      Random random = new Random(seed);
      for (int size = 1; size <= 11; size++) {
        int[] colors = random.ints(size, 0, 0x1000000).toArray();
        assertThat(infer(actual, colors)).as("seed %d", seed).isEqualTo(infer(expected, colors));
      }
    }
  }

  @Test
  void theHighestVersionServesAndOthersCanBeAskedFor() throws IOException {
    add("colors", OnnxModels.colorClassifier(), "aliases: {stable: 9, next: 10}\n" + CLASSIFIER);
    for (String version : List.of("2", "9", "10")) {
      OnnxModels.colorClassifier().write(root.resolve("colors").resolve(version + "/model.onnx"));
    }

    try (ModelRepository repository = ModelRepository.open(root, SETTINGS)) {
      assertThat(repository.find(serving("colors")).version()).isEqualTo("10");
      assertThat(repository.find(named("colors", "2")).version()).isEqualTo("2");
      assertThat(repository.find(named("colors", "stable")).version()).isEqualTo("9");
      assertThat(repository.find(named("colors", "next")).version()).isEqualTo("10");
      assertThat(repository.serving()).extracting(ServedModel::version).containsExactly("10");
      assertThat(repository.all())
          .extracting(ServedModel::version)
          .containsExactly("1", "2", "9", "10");
      assertThat(repository.find(serving("colors")).metadata().versions())
          .containsExactly("1", "2", "9", "10");
      assertThatThrownBy(() -> repository.find(named("colors", "3")))
          .isInstanceOfSatisfying(
              TaskException.class,
              failed -> assertThat(failed.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND))
          .hasMessage("model colors has no version 3; there is 1, 2, 9, 10, next, stable");
      for (String noVersion : List.of("latest", "02", "2.0", "-1", "99999999999")) {
        assertThatThrownBy(() -> repository.find(named("colors", noVersion)))
            .as(noVersion)
            .isInstanceOfSatisfying(
                TaskException.class,
                failed -> assertThat(failed.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND));
      }
      assertThatThrownBy(() -> repository.find(serving("colours")))
          .isInstanceOfSatisfying(
              TaskException.class,
              failed -> assertThat(failed.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND))
          .hasMessage("no model colours here; there is colors");
      assertThatThrownBy(() -> repository.find(serving("x".repeat(100_000))))
          .satisfies(failed -> assertThat(failed.getMessage()).hasSizeLessThan(200));
    }
  }

  @Test
  void modelYamlMayHoldBackANewerVersion() throws IOException {
    add("colors", OnnxModels.colorClassifier(), CLASSIFIER + "version: 1\n");
    OnnxModels.colorClassifier().write(root.resolve("colors/2/model.onnx"));

    try (ModelRepository repository = ModelRepository.open(root, SETTINGS)) {
      assertThat(repository.find(serving("colors")).version()).isEqualTo("1");
    }
  }

  @Test
  void aModelThatNobodyDescribesAnswersWithItsTensors() throws IOException {
    add("colors", OnnxModels.colorTensors(), "");

    try (ModelRepository repository = ModelRepository.open(root, SETTINGS)) {
      ServedModel model = repository.find(serving("colors"));
      assertThat(model.taskName()).isEqualTo(TaskName.TENSORS);

      Tensors red = (Tensors) infer(model, BLUE, RED).get(1);

      assertThat(red.tensors())
          .extracting(NamedTensor::name)
          .containsExactly("mean", "brightest", "bright");
      assertThat(red.tensors())
          .extracting(NamedTensor::datatype)
          .containsExactly("FP32", "INT64", "BOOL");
      assertThat(red.tensors())
          .extracting(NamedTensor::shape)
          .containsExactly(List.of(3L), List.of(1L), List.of(3L));
      assertThat(bytes(red.tensors().get(0)))
          .containsExactly(0, 0, (byte) 0x80, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0);
      assertThat(bytes(red.tensors().get(1))).containsExactly(0, 0, 0, 0, 0, 0, 0, 0);
      assertThat(bytes(red.tensors().get(2))).containsExactly(1, 0, 0);
      assertThat(bytes(((Tensors) infer(model, BLUE, RED).get(0)).tensors().get(1)))
          .containsExactly(2, 0, 0, 0, 0, 0, 0, 0);
      assertThat(model.metadata())
          .isEqualTo(
              new ModelMetadata(
                  "colors",
                  List.of("1"),
                  "onnxruntime_onnx",
                  List.of(new TensorSignature("image", "FP32", List.of(-1L, 3L, 8L, 8L))),
                  List.of(
                      new TensorSignature("mean", "FP32", List.of(-1L, 3L)),
                      new TensorSignature("brightest", "INT64", List.of(-1L, 1L)),
                      new TensorSignature("bright", "BOOL", List.of(-1L, 3L)))));
    }
  }

  @Test
  void anEmbeddingIsTheVectorItself() throws IOException {
    add(
        "plain",
        OnnxModels.colorEmbedding(),
        "task: embedding\nresize: {kind: stretch, width: 4, height: 4}\n");
    add(
        "unit",
        OnnxModels.colorEmbedding(),
        """
        task: embedding
        resize: {kind: within, longer_side: 64, multiple: 8}
        normalize: l2
        """);

    try (ModelRepository repository = ModelRepository.open(root, SETTINGS)) {
      assertThat(vector(infer(repository.find(serving("plain")), 0x336699).getFirst()))
          .containsExactly(new float[] {0.2f, 0.4f, 0.6f}, within(1e-6f));
      ServedModel unit = repository.find(serving("unit"));
      List<Output> ofTwoSizes =
          unit.lanes()
              .getFirst()
              .infer(
                  List.of(
                      TestImages.sized(16, 8, RED, Map.of()),
                      TestImages.sized(64, 64, 0x00FFFF, Map.of()),
                      TestImages.sized(16, 8, BLUE, Map.of()),
                      TestImages.sized(8, 8, 0, Map.of())));
      float half = (float) Math.sqrt(0.5);
      assertThat(vector(ofTwoSizes.get(0))).containsExactly(1, 0, 0);
      assertThat(vector(ofTwoSizes.get(1)))
          .containsExactly(new float[] {0, half, half}, within(1e-6f));
      assertThat(vector(ofTwoSizes.get(2))).containsExactly(0, 0, 1);
      assertThat(vector(ofTwoSizes.get(3))).containsExactly(0, 0, 0);
    }
  }

  @Test
  void requestsMayChooseHowManyClassesTheyWant() throws IOException {
    add("colors", OnnxModels.colorClassifier(), CLASSIFIER + "top_k: 2\n");

    try (ModelRepository repository = ModelRepository.open(root, SETTINGS)) {
      ServedModel model = repository.find(serving("colors"));
      Lane lane = model.lanes().getFirst();

      List<Output> outputs =
          lane.infer(
              List.of(
                  TestImages.of(model.task(), RED),
                  TestImages.of(model.task(), GREEN, Map.of("top_k", "1"))));

      assertThat(((Classification) outputs.get(0)).classes()).hasSize(2);
      assertThat(((Classification) outputs.get(1)).classes())
          .extracting(ClassScore::label)
          .containsExactly("green");
      model.task().validateParameters(Map.of("top_k", "3"));
      for (Map<String, String> silly :
          List.of(
              Map.of("top_k", "4"),
              Map.of("top_k", "0"),
              Map.of("top_k", "-1"),
              Map.of("top_k", "many"),
              Map.of("top_k", "1.5"),
              Map.of("threshold", "0.5"))) {
        assertThatThrownBy(() -> model.task().validateParameters(silly))
            .isInstanceOfSatisfying(
                TaskException.class,
                refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
      }
    }
  }

  static Stream<OnnxGraph> modelsThatDislikeRed() {
    return Stream.of(OnnxModels.failsOnRed(), OnnxModels.notANumberOnRed());
  }

  @ParameterizedTest
  @MethodSource("modelsThatDislikeRed")
  void aFailedBatchLeavesTheLaneUsable(OnnxGraph graph) throws IOException {
    add("colors", graph, CLASSIFIER);

    try (ModelRepository repository = ModelRepository.open(root, SETTINGS)) {
      ServedModel model = repository.find(serving("colors"));
      for (int round = 0; round < 3; round++) {
        assertThatThrownBy(() -> infer(model, GREEN, RED))
            .isInstanceOfSatisfying(
                TaskException.class,
                failed -> assertThat(failed.code()).isEqualTo(ErrorCode.MODEL_FAILED));
        assertThat(best(model, GREEN, BLUE)).containsExactly("green", "blue");
      }
    }
  }

  @Test
  void lanesRunSideBySideOnOneSession() throws Exception {
    long seed = System.nanoTime();
    System.out.println("lanesRunSideBySideOnOneSession seed " + seed);
    add("colors", OnnxModels.colorClassifier(), CLASSIFIER + "instances: 4\n");

    try (ModelRepository repository = ModelRepository.open(root, SETTINGS);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      ServedModel model = repository.find(serving("colors"));
      int[] colors = {RED, GREEN, BLUE};
      List<Callable<Void>> work = new ArrayList<>();
      for (Lane lane : model.lanes()) {
        Random random = new Random(seed + work.size());
        work.add(() -> {
          for (int round = 0; round < 200; round++) {
            int[] chosen = random.ints(1 + random.nextInt(4), 0, 3).toArray();
            List<InferenceInput> batch =
                IntStream.of(chosen).mapToObj(i -> TestImages.of(model.task(), colors[i])).toList();
            assertThat(lane.infer(batch))
                .as("seed %d", seed)
                .extracting(output -> ((Classification) output).classes().getFirst().index())
                .containsExactlyElementsOf(IntStream.of(chosen).boxed().toList());
          }
          return null;
        });
      }
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
    }
  }

  @Test
  void aClosedModelRefusesInsteadOfTouchingFreedMemory() throws IOException {
    add("colors", OnnxModels.colorClassifier(), CLASSIFIER);
    ModelRepository repository = ModelRepository.open(root, SETTINGS);
    ServedModel model = repository.find(serving("colors"));

    repository.close();

    for (Lane lane : model.lanes()) {
      assertThatThrownBy(() -> lane.infer(List.of(TestImages.of(model.task(), RED))))
          .isInstanceOfSatisfying(
              TaskException.class,
              refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INTERNAL))
          .hasMessageContaining("colors version 1");
    }
  }

  static Stream<Arguments> brokenModels() {
    return Stream.of(
        Arguments.of(
            OnnxModels.grayscaleInput(),
            "",
            "input image has 1 channels in layout NCHW, expected 3: found [-1, 1, 32, 32], expected"
                + " [batch, 3, height, width]"),
        Arguments.of(
            OnnxModels.vectorInput(),
            "",
            "input features is no image: expected [batch, 3, height, width] or [batch, height,"
                + " width, 3], found [-1, 10]"),
        Arguments.of(
            OnnxModels.twoInputs(),
            "",
            "takes 2 inputs [image FP32[-1, 3, 32, 32], scale FP32[-1, 1]]; expected one"),
        Arguments.of(
            OnnxModels.doubleInput(),
            "",
            "input image FP64[-1, 3, 32, 32] is FP64; expected FP32, FP16 or UINT8"),
        Arguments.of(
            OnnxModels.colorClassifier(),
            "task: classification\nlabels: [red, green]\n",
            "output logits FP32[-1, 3] scores 3 classes, but there are 2 labels"),
        Arguments.of(
            OnnxModels.colorTensors(),
            "task: classification\n",
            "has 3 outputs [mean FP32[-1, 3], brightest INT64[-1, 1], bright BOOL[-1, 3]]; say in"
                + " model.yaml which one counts, as in output: mean"),
        Arguments.of(
            OnnxModels.colorTensors(),
            "task: embedding\noutput: brightest\n",
            "output brightest INT64[-1, 1] is INT64; expected FP32 or FP16"),
        Arguments.of(
            OnnxModels.colorTensors(),
            "task: embedding\noutput: median\n",
            "has no output median, which model.yaml names; it has [mean FP32[-1, 3]"),
        Arguments.of(
            OnnxModels.colorClassifier(),
            CLASSIFIER + "resize: {kind: stretch, width: 64, height: 32}\n",
            "resize in model.yaml does not fit input image FP32[-1, 3, 32, 32]: width is 64, but"
                + " the model takes only 32"),
        Arguments.of(
            OnnxModels.colorClassifier(),
            CLASSIFIER + "resize: {kind: within, longer_side: 64}\n",
            "kind within gives images of many sizes, but the model takes only 32 x 32"),
        Arguments.of(
            OnnxModels.colorEmbedding(), "task: embedding\n", "needs width: the model takes any"),
        Arguments.of(
            OnnxModels.colorClassifier(),
            CLASSIFIER + "layout: NHWC\n",
            "input image has 32 channels in layout NHWC, expected 3"),
        Arguments.of(
            OnnxModels.colorClassifierOnBytes(),
            CLASSIFIER + "mean: 0.5\n",
            "input image UINT8[-1, 32, 32, 3] takes the bytes as they are; remove scale, mean"),
        Arguments.of(
            OnnxModels.colorClassifierWithFixedBatch(1),
            CLASSIFIER + "max_batch_size: 8\n",
            "max_batch_size is 8, but input image FP32[1, 3, 32, 32] takes batches of 1"),
        Arguments.of(
            OnnxModels.colorClassifier(),
            CLASSIFIER + "max_batch_size: 4\npreferred_batch_size: [2, 8]\n",
            "preferred_batch_size 8 is more than max_batch_size, 4"),
        Arguments.of(
            OnnxModels.secretlyFixedBatch(),
            CLASSIFIER,
            "fails on a grey image: the model failed on input image[2, 3, 32, 32]"),
        Arguments.of(
            OnnxModels.colorClassifier(),
            CLASSIFIER + "device: cuda:0\n",
            "device cuda:0 cannot be used"),
        Arguments.of(
            OnnxModels.colorClassifier(),
            CLASSIFIER + "device: tensorrt:1\n",
            "device tensorrt:1 cannot be used: "),
        Arguments.of(
            OnnxModels.colorClassifier(),
            CLASSIFIER + "device: cpu\ndevice_options: {use_tf32: 0}\n",
            "device_options: has no meaning on device cpu"),
        Arguments.of(
            OnnxModels.colorClassifier(), CLASSIFIER + "version: 7\n", "version: no version 7"),
        Arguments.of(
            OnnxModels.colorClassifier(),
            CLASSIFIER + "aliases: {stable: 7}\n",
            "aliases: stable: no version 7 here; there is [1]"),
        Arguments.of(
            OnnxModels.colorClassifier(),
            CLASSIFIER + "normalize: l2\niou_threshold: 0.5\n",
            "normalize: has no meaning for task classification"),
        Arguments.of(
            OnnxModels.bareColorDetector(),
            "task: detection\n",
            "does not name the classes it detects; say labels in model.yaml"),
        Arguments.of(
            OnnxModels.bareColorDetector(),
            "task: detection\nlabels: [red, green]\n",
            "output0 FP32[-1, 7, 1]"),
        Arguments.of(
            OnnxModels.colorEmbedding(),
            "task: detection\nlabels: [red]\nresize: {kind: within, longer_side: 64}\n",
            "detection needs images of one size"),
        Arguments.of(
            OnnxModels.colorClassifier(),
            "task: text\n",
            "no such file; task text needs it beside model.onnx"));
  }

  @ParameterizedTest
  @MethodSource("brokenModels")
  void refusesWhatCannotBeServedAndSaysWhy(OnnxGraph graph, String yaml, String why)
      throws IOException {
    add("broken", graph, yaml);

    assertThatThrownBy(() -> ModelRepository.open(root, SETTINGS))
        .isInstanceOf(ModelConfigurationException.class)
        .hasMessageContaining(root.resolve("broken").toString())
        .hasMessageContaining(why);
  }

  @Test
  void batchesOnTheProcessorAreNoLargerThanTheyPay() throws IOException {
    add("cheap", OnnxModels.colorClassifier(), CLASSIFIER);
    add("costly", OnnxModels.convolutional(48, 6), "task: classification\n");
    add("told", OnnxModels.convolutional(48, 6), "task: classification\nmax_batch_size: 16\n");
    add("fixed", OnnxModels.colorClassifierWithFixedBatch(5), CLASSIFIER);

    try (ModelRepository repository = ModelRepository.open(root, RepositorySettings.defaults())) {
      assertThat(repository.find(serving("cheap")).maxBatchSize()).isEqualTo(4);
      assertThat(repository.find(serving("costly")).maxBatchSize()).isEqualTo(1);
      assertThat(repository.find(serving("told")).maxBatchSize()).isEqualTo(16);
      assertThat(repository.find(serving("fixed")).maxBatchSize()).isEqualTo(5);
    }
  }

  @Test
  void servesAnExportGoneWrongOneByOneWhenToldTo() throws IOException {
    add("colors", OnnxModels.secretlyFixedBatch(), CLASSIFIER + "max_batch_size: 1\n");

    try (ModelRepository repository = ModelRepository.open(root, SETTINGS)) {
      assertThat(best(repository.find(serving("colors")), BLUE)).containsExactly("blue");
    }
  }

  @Test
  void saysEverythingThatIsWrongAtOnce() throws IOException {
    add("good", OnnxModels.colorClassifier(), CLASSIFIER);
    add("gray", OnnxModels.grayscaleInput(), "");
    add("typo", OnnxModels.colorClassifier(), "max_batchsize: 4\ntask: clasification\n");
    Files.createDirectories(root.resolve("empty"));
    Files.createDirectories(root.resolve(".hidden"));
    OnnxModels.colorClassifier().write(root.resolve("misnamed/v1/model.onnx"));
    Files.writeString(
        Files.createDirectories(root.resolve("noise/1")).resolve("model.onnx"), "not a model");

    ModelConfigurationException broken =
        requireNonNull(
            catchThrowableOfType(
                ModelConfigurationException.class, () -> ModelRepository.open(root, SETTINGS)));

    assertThat(broken.problems())
        .satisfiesExactly(
            problem -> assertThat(problem).contains("empty", "no version here"),
            problem -> assertThat(problem).contains("gray", "image has 1 channels"),
            problem -> assertThat(problem).contains("misnamed", "v1", "is a number"),
            problem -> assertThat(problem).contains("noise", "model.onnx", "cannot"),
            problem ->
                assertThat(problem).contains("max_batchsize", "did you mean max_batch_size?"),
            problem ->
                assertThat(problem).contains("clasification", "did you mean classification?"));
    broken.problems().forEach(problem -> assertThat(broken).hasMessageContaining(problem));
  }

  @Test
  void refusesAFolderWithoutModels() {
    assertThatThrownBy(() -> ModelRepository.open(root, SETTINGS))
        .isInstanceOf(ModelConfigurationException.class)
        .hasMessageContaining("no model here; expected <name>/<version>/model.onnx");
    assertThatThrownBy(() -> ModelRepository.open(root.resolve("missing"), SETTINGS))
        .isInstanceOf(ModelConfigurationException.class)
        .hasMessageContaining("missing");
  }

  @Test
  void refusesADeviceThatIsNotThereForEveryModel() throws IOException {
    add("colors", OnnxModels.colorClassifier(), CLASSIFIER);
    add("others", OnnxModels.colorClassifier(), CLASSIFIER + "device: cpu\n");

    assertThatThrownBy(() ->
            ModelRepository.open(
                root,
                new RepositorySettings(
                    "cuda",
                    new Instances.Fixed(1),
                    new MaxBatchSize.Fixed(4),
                    List.of(),
                    Duration.ZERO,
                    Duration.ofMinutes(1))))
        .isInstanceOfSatisfying(
            ModelConfigurationException.class,
            broken ->
                assertThat(broken.problems())
                    .singleElement()
                    .asString()
                    .contains("colors", "device cuda:0 cannot be used", "device: cpu"));
  }

  @Test
  void takesBatchingAndResizingFromModelYaml() throws IOException {
    add(
        "colors",
        OnnxModels.colorClassifier(),
        """
        labels: labels.txt
        task: classification
        resize: center_crop
        max_batch_size: 16
        preferred_batch_size: [8, 4]
        max_queue_delay: 5ms
        max_call_duration: 2s
        instances: 3
        """);
    Files.writeString(root.resolve("colors/labels.txt"), "rouge\nvert\nbleu\n");

    try (ModelRepository repository = ModelRepository.open(root, SETTINGS)) {
      ServedModel model = repository.find(serving("colors"));

      assertThat(model.maxBatchSize()).isEqualTo(16);
      assertThat(model.preferredBatchSizes()).containsExactly(4, 8);
      assertThat(model.maxQueueDelay()).isEqualTo(Duration.ofMillis(5));
      assertThat(model.maxCallDuration()).isEqualTo(Duration.ofSeconds(2));
      assertThat(model.lanes()).hasSize(3);
      assertThat(model.task().geometries()).containsExactly(new Geometry.CenterCrop(37, 32, 32));
      assertThat(best(model, RED)).containsExactly("rouge");
    }
  }

  @Test
  void anUltralyticsDetectorNeedsNoModelYaml() throws IOException {
    add("things", OnnxModels.ultralyticsColorDetector(), "");

    try (ModelRepository repository = ModelRepository.open(root, SETTINGS)) {
      ServedModel model = repository.find(serving("things"));

      assertThat(model.taskName()).isEqualTo(TaskName.DETECTION);
      assertThat(model.task().geometries()).containsExactly(new Geometry.Letterbox(64, 64, 114));
      assertThat(infer(model, BLUE, RED))
          .containsExactly(
              new Detections(List.of(new Box(2, "blue", 1, 16, 24, 48, 40))),
              new Detections(List.of(new Box(0, "red", 1, 16, 24, 48, 40))));
      assertThat(infer(model, 0x333333)).containsExactly(new Detections(List.of()));
    }
  }

  @Test
  void modelYamlDescribesADetectorThatSaysNothing() throws IOException {
    add(
        "things",
        OnnxModels.bareColorDetector(),
        """
        task: detection
        labels: [rouge, vert, bleu]
        resize: stretch
        scale: 1/510
        threshold: 0.1
        max_detections: 1
        """);

    try (ModelRepository repository = ModelRepository.open(root, SETTINGS)) {
      ServedModel model = repository.find(serving("things"));

      assertThat(model.task().geometries()).containsExactly(new Geometry.Stretch(64, 64));
      assertThat(infer(model, GREEN))
          .containsExactly(new Detections(List.of(new Box(1, "vert", 0.5f, 16, 24, 48, 40))));
      assertThat(infer(model, 0x003000)).containsExactly(new Detections(List.of()));
    }
  }

  @Test
  void servesTheModelOfTheDemo() throws IOException {
    try (ModelRepository repository = ModelRepository.open(Assets.models(), SETTINGS)) {
      ServedModel model = repository.find(serving("ppocr"));

      assertThat(model.taskName()).isEqualTo(TaskName.TEXT);
      assertThat(model.task().geometries())
          .containsExactly(new Geometry.Within(960, 32), new Geometry.Within(2048, 1));
      assertThat(model.metadata().outputs()).hasSize(1);
    }
  }

  @Test
  void textMayBeLookedForInAnotherSize() throws IOException {
    Files.createDirectories(root.resolve("text/1"));
    for (String graph : List.of("model.onnx", "recognition.onnx")) {
      Files.copy(
          Assets.models().resolve("ppocr/1").resolve(graph), root.resolve("text/1").resolve(graph));
    }
    Path yaml = root.resolve("text/model.yaml");
    Files.writeString(yaml, "task: text\nresize: {kind: within, longer_side: 640}\n");

    try (ModelRepository repository = ModelRepository.open(root, SETTINGS)) {
      assertThat(repository.find(serving("text")).task().geometries())
          .contains(new Geometry.Within(640, 32));
    }

    Files.writeString(yaml, "task: text\nresize: {kind: within, longer_side: 650}\n");
    assertThatThrownBy(() -> ModelRepository.open(root, SETTINGS))
        .hasMessageContaining("task text takes resize: {kind: within, longer_side: N} only");
  }

  @Test
  void loadsARealModelByItsSignature() throws IOException {
    Path detector = Assets.models().resolve("ppocr/1/model.onnx");
    Files.createDirectories(root.resolve("lines/1"));
    Files.copy(detector, root.resolve("lines/1/model.onnx"));
    Files.writeString(
        root.resolve("lines/model.yaml"),
        """
        resize: {kind: stretch, width: 96, height: 64}
        mean: [0.485, 0.456, 0.406]
        std: [0.229, 0.224, 0.225]
        color: BGR
        """);

    try (ModelRepository repository = ModelRepository.open(root, SETTINGS)) {
      ServedModel model = repository.find(serving("lines"));

      NamedTensor map = ((Tensors) infer(model, RED, BLUE).getFirst()).tensors().getFirst();

      assertThat(model.metadata().inputs())
          .containsExactly(new TensorSignature("x", "FP32", List.of(-1L, 3L, -1L, -1L)));
      assertThat(map.shape()).containsExactly(1L, 64L, 96L);
      assertThat(map.data().remaining()).isEqualTo(64 * 96 * Float.BYTES);
    }
  }

  private void add(String name, OnnxGraph graph, String yaml) throws IOException {
    graph.write(root.resolve(name).resolve("1/model.onnx"));
    if (!yaml.isEmpty()) {
      Files.writeString(root.resolve(name).resolve("model.yaml"), yaml);
    }
  }

  private static ModelSelector serving(String name) {
    return new ModelSelector(name, new Version.Serving());
  }

  private static ModelSelector named(String name, String version) {
    return new ModelSelector(name, new Version.Named(version));
  }

  private static List<Output> infer(ServedModel model, int... colors) {
    return model
        .lanes()
        .getFirst()
        .infer(IntStream.of(colors).mapToObj(color -> TestImages.of(model.task(), color)).toList());
  }

  private static List<ClassScore> classes(ServedModel model, int color) {
    return ((Classification) infer(model, color).getFirst()).classes();
  }

  private static List<String> best(ServedModel model, int... colors) {
    return infer(model, colors).stream()
        .map(output -> ((Classification) output).classes().getFirst().label())
        .toList();
  }

  private static float[] vector(Output output) {
    return ((Embedding) output).values();
  }

  private static byte[] bytes(NamedTensor tensor) {
    byte[] bytes = new byte[tensor.data().remaining()];
    tensor.data().duplicate().get(bytes);
    return bytes;
  }
}
