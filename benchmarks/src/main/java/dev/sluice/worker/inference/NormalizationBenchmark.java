package dev.sluice.worker.inference;

import dev.sluice.worker.inference.Normalizer.ColorOrder;
import dev.sluice.worker.inference.Normalizer.Layout;
import dev.sluice.worker.model.Pixels;
import dev.sluice.worker.model.Placement;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.List;
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
import org.openjdk.jmh.annotations.Warmup;

/** One image's way from its bytes into the memory that ONNX Runtime reads. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class NormalizationBenchmark {
  @Param({"224", "640"})
  int side;

  @Param({"NCHW", "NHWC"})
  Layout layout;

  private Normalizer normalizer;
  private Pixels image;
  private ByteBuffer memory;
  private FloatBuffer floats;
  private ShortBuffer halves;

  @Setup
  public void prepare() {
    byte[] rgb = new byte[side * side * 3];
    new SplittableRandom(1).nextBytes(rgb);
    image = new Pixels(side, side, rgb, new Placement(0, 0, 1, 1));
    normalizer =
        new Normalizer(
            layout,
            ColorOrder.RGB,
            1.0 / 255,
            List.of(0.485, 0.456, 0.406),
            List.of(0.229, 0.224, 0.225));
    memory = ByteBuffer.allocateDirect(rgb.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    floats = memory.asFloatBuffer();
    halves = memory.asShortBuffer();
  }

  /** As a lane does it. */
  @Benchmark
  public FloatBuffer floatsInPlace() {
    normalizer.write(image, floats, 0);
    return floats;
  }

  /** Into an array first, and from there into the memory. */
  @Benchmark
  public FloatBuffer floatsThroughAnArray() {
    return floats.put(0, normalizer.tensor(List.of(image)).values(), 0, image.rgb().length);
  }

  /** For a graph in half precision. */
  @Benchmark
  public ShortBuffer halvesInPlace() {
    normalizer.write(image, halves, 0);
    return halves;
  }

  /** For a graph that normalises itself: just the copy. */
  @Benchmark
  public ByteBuffer bytes() {
    return memory.put(0, image.rgb());
  }
}
