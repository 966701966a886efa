package dev.sluice.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.sun.management.ThreadMXBean;
import dev.sluice.devstack.onnx.OnnxGraph;
import dev.sluice.devstack.onnx.OnnxModels;
import dev.sluice.worker.inference.Normalizer.ColorOrder;
import dev.sluice.worker.inference.Normalizer.Layout;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.Output.NamedTensor;
import dev.sluice.worker.model.Output.Tensors;
import dev.sluice.worker.model.Pixels;
import dev.sluice.worker.model.Placement;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A lane's memory is used again and again, and nobody notices. */
class OrtGraphTest {
  private static final Normalizer UNIT = Normalizer.unit(Layout.NCHW);

  @TempDir Path folder;

  @Test
  void answersAsAGraphWithFreshMemoryWhateverRanBefore() throws IOException {
    try (OrtModel model = load(OnnxModels.colorEmbedding());
        Graph used = model.newGraph()) {
      Seeds.each(
          300,
          random -> {
            int width = random.nextInt(1, 20);
            int height = random.nextInt(1, 20);
            List<Pixels> images =
                IntStream.range(0, random.nextInt(1, 9))
                    .mapToObj(_ -> noise(random, width, height))
                    .toList();
            try (Graph fresh = model.newGraph()) {
              assertThat(bytes(used.run(images, UNIT))).isEqualTo(bytes(fresh.run(images, UNIT)));
              FloatTensor tensor = UNIT.tensor(images);
              assertThat(bytes(used.run(tensor))).isEqualTo(bytes(fresh.run(images, UNIT)));
              // Rows are zero before they are written.
              assertThat(bytes(used.run(tensor.shape(), (_, _) -> {})))
                  .containsOnly((byte) 0)
                  .hasSize(images.size() * 3 * Float.BYTES);
            }
          });
    }
  }

  @Test
  void anOutputMayHaveAnotherSizeForEachImage() throws IOException {
    try (OrtModel model = load(OnnxModels.brightColors());
        Graph graph = model.newGraph()) {
      int[] colors = {0xFF0000, 0x00FF00, 0x0000FF, 0xFFFF00, 0xFFFFFF, 0, 0xFF00FF, 0x00FF00};
      for (int color : colors) {
        NamedTensor bright = graph.run(List.of(plain(8, 8, color)), UNIT).tensors().getFirst();

        long[] expected =
            IntStream.range(0, 3)
                .filter(i -> (color >> (16 - 8 * i) & 0xFF) > 127)
                .mapToLong(i -> i)
                .toArray();
        assertThat(bright.shape()).containsExactly(2L, (long) expected.length);
        long[] found = new long[2 * expected.length];
        bright.data().duplicate().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(found);
        assertThat(Arrays.copyOfRange(found, expected.length, found.length)).isEqualTo(expected);
      }
    }
  }

  @Test
  void anAnswerOutlivesTheRunsAfterIt() throws IOException {
    try (OrtModel model = load(OnnxModels.colorTensors())) {
      ModelTask task = TensorsTask.of(ModelSettings.read(folder), model.signature());
      try (Lane lane = new Lane("test", task, Map.of(Graphs.MAIN, model.newGraph()))) {
        for (int round = 0; round < 3; round++) {
          byte[] red = mean(lane.infer(List.of(TestImages.of(task, TestImages.RED))));
          List<Output> blue = lane.infer(List.of(TestImages.of(task, TestImages.BLUE)));
          List<Output> green = lane.infer(List.of(TestImages.of(task, TestImages.GREEN)));
          assertThat(mean(blue)).isNotEqualTo(red).isNotEqualTo(mean(green));
          assertThat(mean(blue))
              .isEqualTo(mean(lane.infer(List.of(TestImages.of(task, TestImages.BLUE)))));
        }
      }
    }
  }

  @Test
  void writesEveryTypeAsItWouldConvertTheFloats() {
    Seeds.each(
        100,
        random -> {
          Layout layout = random.nextBoolean() ? Layout.NCHW : Layout.NHWC;
          ColorOrder color = random.nextBoolean() ? ColorOrder.RGB : ColorOrder.BGR;
          Normalizer normalizer =
              new Normalizer(
                  layout,
                  color,
                  random.nextDouble(0.01, 1.5),
                  List.of(random.nextDouble(-9, 99), 0.0, 1.0),
                  List.of(1.0, random.nextDouble(0.5, 2), 1.0));
          Pixels image = noise(random, random.nextInt(1, 9), random.nextInt(1, 9));
          FloatBuffer floats = normalizer.tensor(List.of(image)).values();
          int count = floats.limit();
          ShortBuffer halves = ShortBuffer.allocate(count + 2);
          ByteBuffer bytes = ByteBuffer.allocate(count + 2);

          normalizer.write(image, halves, 2);
          normalizer.write(image, bytes, 2);

          for (int i = 0; i < count; i++) {
            float number = floats.get(i);
            assertThat(halves.get(2 + i)).isEqualTo(Float.floatToFloat16(number));
            assertThat(bytes.get(2 + i)).isEqualTo((byte) Math.clamp(Math.round(number), 0, 255));
          }
        });
  }

  @Test
  void allocatesNextToNothingForARun() throws IOException, OrtException {
    int batch = 4;
    Path file = OnnxModels.convolutional(2, 0).write(folder.resolve("costly.onnx"));
    List<Pixels> images = Collections.nCopies(batch, plain(224, 224, 0x336699));
    OrtEnvironment environment = OnnxRuntimeLibrary.environment();
    try (OrtModel model = OrtModel.load(file, new Device.Cpu(), Map.of());
        Graph graph = model.newGraph();
        OrtSession session = environment.createSession(file.toString())) {
      long plainly = allocated(() -> runPlainly(environment, session, images)) / batch;
      long reused =
          allocated(() -> graph.run(images, UNIT).floats("logits").values().get(0)) / batch;

      System.out.printf(
          "bytes allocated for each image of 224 x 224: %d with arrays, %d in memory that is used"
              + " again%n",
          plainly, reused);
      assertThat(plainly).isGreaterThan(224 * 224 * 3 * Float.BYTES);
      assertThat(reused).isLessThan(4096);
      assertThat(runPlainly(environment, session, images))
          .isCloseTo(graph.run(images, UNIT).floats("logits").values().get(0), within(1e-5f));
    }
  }

  private interface Run {
    float once() throws OrtException;
  }

  /** On average over runs after the first ones. */
  private static long allocated(Run run) throws OrtException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int rounds = 20;
    for (int i = 0; i < rounds; i++) {
      run.once();
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < rounds; i++) {
      run.once();
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / rounds;
  }

  /** As the documentation of ONNX Runtime shows it. */
  private static float runPlainly(
      OrtEnvironment environment, OrtSession session, List<Pixels> images) throws OrtException {
    FloatTensor tensor = UNIT.tensor(images);
    long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
    try (OnnxTensor input = OnnxTensor.createTensor(environment, tensor.values(), shape);
        OrtSession.Result result = session.run(Map.of("image", input))) {
      return ((float[][]) result.get(0).getValue())[0][0];
    }
  }

  private OrtModel load(OnnxGraph graph) throws IOException {
    return OrtModel.load(graph.write(folder.resolve("model.onnx")), new Device.Cpu(), Map.of());
  }

  private static byte[] mean(List<Output> outputs) {
    return bytes(Stream.of(((Tensors) outputs.getFirst()).tensors().getFirst()));
  }

  private static byte[] bytes(GraphOutputs outputs) {
    return bytes(outputs.tensors().stream());
  }

  private static byte[] bytes(Stream<NamedTensor> tensors) {
    ByteBuffer all = ByteBuffer.allocate(1 << 16);
    tensors.forEach(tensor -> all.put(tensor.data().duplicate()));
    return Arrays.copyOf(all.array(), all.position());
  }

  private static Pixels noise(SplittableRandom random, int width, int height) {
    byte[] rgb = new byte[width * height * 3];
    random.nextBytes(rgb);
    return new Pixels(width, height, rgb, new Placement(0, 0, 1, 1));
  }

  private static Pixels plain(int width, int height, int color) {
    return TestImages.sized(width, height, color, Map.of()).image().renditions().getFirst();
  }
}
