package dev.sluice.worker.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sluice.devstack.onnx.OnnxModels;
import dev.sluice.worker.inference.Normalizer.Layout;
import dev.sluice.worker.model.Pixels;
import dev.sluice.worker.model.Placement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One call of a session, with what is around it: a tiny classifier of 32 x 32 shows what the call
 * costs, a convolutional one of 224 x 224 what that means. With {@code -prof gc} it shows what a
 * call allocates.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class SessionBenchmark {
  private static final Normalizer UNIT = Normalizer.unit(Layout.NCHW);

  @Param({"tiny", "convolutional"})
  String model;

  @Param({"1", "8"})
  int batch;

  private OrtModel loaded;
  private Graph graph;
  private RawRun raw;
  private List<Pixels> images;
  private OrtEnvironment environment;
  private OrtSession session;

  @Setup
  public void load() throws IOException, OrtException {
    boolean tiny = model.equals("tiny");
    int side = tiny ? 32 : 224;
    Path file =
        (tiny ? OnnxModels.colorClassifier() : OnnxModels.convolutional(16, 2))
            .write(Files.createTempDirectory("sluice-benchmark").resolve("model.onnx"));
    loaded = OrtModel.load(file, new Device.Cpu(), Map.of());
    graph = loaded.newGraph();
    raw = loaded.newRawRun(0, batch, side, side);
    byte[] rgb = new byte[side * side * 3];
    new SplittableRandom(1).nextBytes(rgb);
    images = Collections.nCopies(batch, new Pixels(side, side, rgb, new Placement(0, 0, 1, 1)));
    environment = OnnxRuntimeLibrary.environment();
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    session = environment.createSession(file.toString(), options);
  }

  @TearDown
  public void close() throws OrtException {
    graph.close();
    raw.close();
    loaded.close();
    session.close();
  }

  /** The session on its own. */
  @Benchmark
  public void sessionAlone() throws OrtException {
    raw.run();
  }

  /** As a lane does it: images in, outputs read where they are. */
  @Benchmark
  public float inMemoryUsedAgain() {
    return graph.run(images, UNIT).floats("logits").values().get(0);
  }

  /** As ONNX Runtime's documentation shows it. */
  @Benchmark
  public float withArrays() throws OrtException {
    FloatTensor tensor = UNIT.tensor(images);
    long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
    try (OnnxTensor input = OnnxTensor.createTensor(environment, tensor.values(), shape);
        OrtSession.Result result = session.run(Map.of("image", input))) {
      return ((float[][]) result.get(0).getValue())[0][0];
    }
  }
}
