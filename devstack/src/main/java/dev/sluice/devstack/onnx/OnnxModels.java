package dev.sluice.devstack.onnx;

import dev.sluice.devstack.onnx.OnnxGraph.ElementType;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Models whose right answers follow from an image's mean colour, so that a test can prove that the
 * right pixels reached the model: a red image is class "red" and nothing else. All take RGB from 0
 * to 1 in NCHW (the worker's defaults) unless their name says otherwise.
 */
public final class OnnxModels {
  /** The classes of the colour classifiers, in the order of their scores. */
  public static final List<String> COLORS = List.of("red", "green", "blue");

  /** How far apart the logits of a pure colour are: softmax gives it 0.99995. */
  private static final float SHARPNESS = 10.6f;

  private static final List<Long> HEIGHT_AND_WIDTH = List.of(2L, 3L);

  private OnnxModels() {}

  /** Input "image" [N,3,32,32], output "logits" [N,3] for {@link #COLORS}; any batch size. */
  public static OnnxGraph colorClassifier() {
    return colorLogits(new OnnxGraph("color_classifier"), "N", 32)
        .output("logits", ElementType.FLOAT, "N", 3);
  }

  /** {@link #colorClassifier} with a softmax inside: output "probabilities" [N,3]. */
  public static OnnxGraph colorClassifierWithProbabilities() {
    return colorLogits(new OnnxGraph("color_probabilities"), "N", 32)
        .node("Softmax", List.of("logits"), List.of("probabilities"), Map.of("axis", 1L))
        .output("probabilities", ElementType.FLOAT, "N", 3);
  }

  /** {@link #colorClassifier} exported for batches of exactly this size. */
  public static OnnxGraph colorClassifierWithFixedBatch(int batch) {
    return colorLogits(new OnnxGraph("color_classifier_batch_" + batch), batch, 32)
        .output("logits", ElementType.FLOAT, batch, 3);
  }

  /** {@link #colorClassifier} with the metadata that Ultralytics writes: needs no configuration. */
  public static OnnxGraph ultralyticsColorClassifier() {
    return colorClassifierWithProbabilities()
        .metadata("task", "classify")
        .metadata("stride", "1")
        .metadata("imgsz", "[32, 32]")
        .metadata("names", "{0: 'red', 1: 'green', 2: 'blue'}");
  }

  /** {@link #colorClassifier} that takes bytes: input "image" UINT8 [N,32,32,3] (NHWC). */
  public static OnnxGraph colorClassifierOnBytes() {
    return new OnnxGraph("color_classifier_bytes")
        .input("image", ElementType.UINT8, "N", 32, 32, 3)
        .node("Cast", List.of("image"), List.of("levels"), cast(ElementType.FLOAT))
        .floats("full", List.of(), 255)
        .node("Div", List.of("levels", "full"), List.of("unit"))
        .node("ReduceMean", List.of("unit"), List.of("mean"), over(List.of(1L, 2L)))
        .floats("sharpness", List.of(), SHARPNESS)
        .node("Mul", List.of("mean", "sharpness"), List.of("logits"))
        .output("logits", ElementType.FLOAT, "N", 3);
  }

  /** {@link #colorClassifier} in half precision, inside and out. */
  public static OnnxGraph colorClassifierInHalfPrecision() {
    return new OnnxGraph("color_classifier_fp16")
        .input("image", ElementType.FLOAT16, "N", 3, 32, 32)
        .node("Cast", List.of("image"), List.of("single"), cast(ElementType.FLOAT))
        .node("ReduceMean", List.of("single"), List.of("mean"), over(HEIGHT_AND_WIDTH))
        .floats("sharpness", List.of(), SHARPNESS)
        .node("Mul", List.of("mean", "sharpness"), List.of("sharp"))
        .node("Cast", List.of("sharp"), List.of("logits"), cast(ElementType.FLOAT16))
        .output("logits", ElementType.FLOAT16, "N", 3);
  }

  /** Input "image" [N,3,H,W] of any size, output "embedding" [N,3]: the mean colour itself. */
  public static OnnxGraph colorEmbedding() {
    return new OnnxGraph("color_embedding")
        .input("image", ElementType.FLOAT, "N", 3, "H", "W")
        .node("ReduceMean", List.of("image"), List.of("embedding"), over(HEIGHT_AND_WIDTH))
        .output("embedding", ElementType.FLOAT, "N", 3);
  }

  /**
   * A detector with the metadata that Ultralytics writes for YOLOv8: input "images" [N,3,64,64],
   * output "output0" [N,7,1]. It always sees one object, 16 to 48 by 24 to 40 pixels, whose score
   * for each of {@link #COLORS} is the image's mean of that colour.
   */
  public static OnnxGraph ultralyticsColorDetector() {
    return colorDetector("ultralytics_color_detector")
        .metadata("task", "detect")
        .metadata("stride", "32")
        .metadata("imgsz", "[64, 64]")
        .metadata("names", "{0: 'red', 1: 'green', 2: 'blue'}");
  }

  /** {@link #ultralyticsColorDetector} that says nothing of itself. */
  public static OnnxGraph bareColorDetector() {
    return colorDetector("color_detector");
  }

  private static OnnxGraph colorDetector(String name) {
    return new OnnxGraph(name)
        .input("images", ElementType.FLOAT, "N", 3, 64, 64)
        .node("ReduceMean", List.of("images"), List.of("mean"), over(HEIGHT_AND_WIDTH))
        .longs("last", List.of(1), 2)
        .node("Unsqueeze", List.of("mean", "last"), List.of("scores"))
        .node(
            "ReduceMean",
            List.of("scores"),
            List.of("one_per_image"),
            Map.of("axes", List.of(1L), "keepdims", 1L))
        .floats("zero", List.of(), 0)
        .node("Mul", List.of("one_per_image", "zero"), List.of("zeros"))
        .floats("box", List.of(1, 4, 1), 32, 32, 32, 16)
        .node("Add", List.of("zeros", "box"), List.of("boxes"))
        .node("Concat", List.of("boxes", "scores"), List.of("output0"), Map.of("axis", 1L))
        .output("output0", ElementType.FLOAT, "N", 7, 1);
  }

  /**
   * Input "image" [N,3,8,8]; outputs "mean" FP32 [N,3], "brightest" INT64 [N,1] (the index of the
   * strongest colour) and "bright" BOOL [N,3] (whether each colour is over one half).
   */
  public static OnnxGraph colorTensors() {
    return new OnnxGraph("color_tensors")
        .input("image", ElementType.FLOAT, "N", 3, 8, 8)
        .node("ReduceMean", List.of("image"), List.of("mean"), over(HEIGHT_AND_WIDTH))
        .node("ArgMax", List.of("mean"), List.of("brightest"), Map.of("axis", 1L, "keepdims", 1L))
        .floats("half", List.of(), 0.5f)
        .node("Greater", List.of("mean", "half"), List.of("bright"))
        .output("mean", ElementType.FLOAT, "N", 3)
        .output("brightest", ElementType.INT64, "N", 1)
        .output("bright", ElementType.BOOL, "N", 3);
  }

  /**
   * {@link #colorClassifier} that fails inside ONNX Runtime when any image of the batch has a mean
   * red over 0.9 (an index outside of a table), and so answers nobody in that batch.
   */
  public static OnnxGraph failsOnRed() {
    return colorLogits(new OnnxGraph("fails_on_red"), "N", 32)
        .longs("first", List.of(1), 0)
        .node("Gather", List.of("mean", "first"), List.of("red"), Map.of("axis", 1L))
        .floats("limit", List.of(), 0.9f)
        .node("Greater", List.of("red", "limit"), List.of("too_red"))
        .node("Cast", List.of("too_red"), List.of("row"), cast(ElementType.INT64))
        .floats("table", List.of(1), 0)
        .node("Gather", List.of("table", "row"), List.of("nothing"), Map.of("axis", 0L))
        .node("Add", List.of("logits", "nothing"), List.of("scores"))
        .output("scores", ElementType.FLOAT, "N", 3);
  }

  /** {@link #colorClassifier} whose scores are not numbers when an image's mean red is over 0.9. */
  public static OnnxGraph notANumberOnRed() {
    return colorLogits(new OnnxGraph("not_a_number_on_red"), "N", 32)
        .longs("first", List.of(1), 0)
        .node("Gather", List.of("mean", "first"), List.of("red"), Map.of("axis", 1L))
        .floats("limit", List.of(), 0.9f)
        .node("Sub", List.of("limit", "red"), List.of("margin"))
        .node("Log", List.of("margin"), List.of("poison"))
        .floats("zero", List.of(), 0)
        .node("Mul", List.of("poison", "zero"), List.of("nothing"))
        .node("Add", List.of("logits", "nothing"), List.of("scores"))
        .output("scores", ElementType.FLOAT, "N", 3);
  }

  /** Says that it takes any batch size, but fails on every one but 1: an export gone wrong. */
  public static OnnxGraph secretlyFixedBatch() {
    return colorLogits(new OnnxGraph("secretly_fixed_batch"), "N", 32)
        .longs("one_row", List.of(2), 1, 3)
        .node("Reshape", List.of("logits", "one_row"), List.of("scores"))
        .output("scores", ElementType.FLOAT, "N", 3);
  }

  /**
   * A detector as YOLOv8 exports it, with the metadata that Ultralytics writes. Input "images"
   * [N,3,64,64], output "output0" [N,7,4]: one box for each quarter of the image (the upper left,
   * the upper right, the lower left, the lower right), drawn in by one pixel on every side; its
   * scores for {@link #COLORS} are the quarter's mean colour.
   */
  public static OnnxGraph ultralyticsQuarterDetector() {
    return quarters(new OnnxGraph("quarter_detector"))
        .floats("zero", List.of(), 0)
        .node("ReduceMean", List.of("colors"), List.of("mean"), keeping(1))
        .node("Mul", List.of("mean", "zero"), List.of("nothing"))
        .floats(
            "places",
            List.of(1, 4, 4),
            // Centre x, centre y, width, height: a row each, a column for each quarter.
            16,
            48,
            16,
            48,
            16,
            16,
            48,
            48,
            30,
            30,
            30,
            30,
            30,
            30,
            30,
            30)
        .node("Add", List.of("nothing", "places"), List.of("boxes"))
        .node("Concat", List.of("boxes", "colors"), List.of("output0"), Map.of("axis", 1L))
        .output("output0", ElementType.FLOAT, "N", 7, 4)
        .metadata("task", "detect")
        .metadata("stride", "32")
        .metadata("imgsz", "[64, 64]")
        .metadata("names", "{0: 'red', 1: 'green', 2: 'blue'}");
  }

  /**
   * {@link #ultralyticsQuarterDetector} as SSD models are exported: outputs "scores" [N,4,4], the
   * background first, and "boxes" [N,4,4], left, top, right, bottom as fractions; no metadata.
   */
  public static OnnxGraph quarterDetectorInFractions() {
    return quarters(new OnnxGraph("quarter_detector_fractions"))
        .floats("zero", List.of(), 0)
        .node(
            "Transpose",
            List.of("colors"),
            List.of("by_quarter"),
            Map.of("perm", List.of(0L, 2L, 1L)))
        .node("ReduceMean", List.of("by_quarter"), List.of("mean"), keeping(2))
        .node("Mul", List.of("mean", "zero"), List.of("nothing"))
        .node("Concat", List.of("nothing", "by_quarter"), List.of("scores"), Map.of("axis", 2L))
        .floats(
            "places",
            List.of(1, 4, 4),
            0,
            0,
            0.5f,
            0.5f,
            0.5f,
            0,
            1,
            0.5f,
            0,
            0.5f,
            0.5f,
            1,
            0.5f,
            0.5f,
            1,
            1)
        .node("Add", List.of("nothing", "places"), List.of("boxes"))
        .output("scores", ElementType.FLOAT, "N", 4, 4)
        .output("boxes", ElementType.FLOAT, "N", 4, 4);
  }

  /** Takes one channel, input "image" [N,1,32,32]; the worker feeds three. */
  public static OnnxGraph grayscaleInput() {
    return new OnnxGraph("grayscale")
        .input("image", ElementType.FLOAT, "N", 1, 32, 32)
        .node("ReduceMean", List.of("image"), List.of("mean"), over(HEIGHT_AND_WIDTH))
        .output("mean", ElementType.FLOAT, "N", 1);
  }

  /** Takes a vector, input "features" [N,10], which no image becomes. */
  public static OnnxGraph vectorInput() {
    return new OnnxGraph("vector")
        .input("features", ElementType.FLOAT, "N", 10)
        .node("Identity", List.of("features"), List.of("same"))
        .output("same", ElementType.FLOAT, "N", 10);
  }

  /** Takes two inputs, "image" [N,3,32,32] and "scale" [N,1]; the worker feeds one. */
  public static OnnxGraph twoInputs() {
    return new OnnxGraph("two_inputs")
        .input("image", ElementType.FLOAT, "N", 3, 32, 32)
        .input("scale", ElementType.FLOAT, "N", 1)
        .node("ReduceMean", List.of("image"), List.of("mean"), over(HEIGHT_AND_WIDTH))
        .node("Mul", List.of("mean", "scale"), List.of("scores"))
        .output("scores", ElementType.FLOAT, "N", 3);
  }

  /** Takes doubles, input "image" FP64 [N,3,32,32]. */
  public static OnnxGraph doubleInput() {
    return new OnnxGraph("double")
        .input("image", ElementType.DOUBLE, "N", 3, 32, 32)
        .node("ReduceMean", List.of("image"), List.of("mean"), over(HEIGHT_AND_WIDTH))
        .output("mean", ElementType.DOUBLE, "N", 3);
  }

  /**
   * An output whose size depends on what the image shows: which of its mean colours are brighter
   * than a half. Input "image" [1,3,8,8], output "bright" INT64 [2, how many].
   */
  public static OnnxGraph brightColors() {
    return new OnnxGraph("bright_colors")
        .input("image", ElementType.FLOAT, 1, 3, 8, 8)
        .node("ReduceMean", List.of("image"), List.of("mean"), over(HEIGHT_AND_WIDTH))
        .floats("half", List.of(), 0.5f)
        .node("Greater", List.of("mean", "half"), List.of("brighter"))
        .node("NonZero", List.of("brighter"), List.of("bright"))
        .output("bright", ElementType.INT64, 2, "bright_colors");
  }

  /**
   * A classifier that costs something: a convolution of stride 4 and then {@code depth} of 3 x 3,
   * with fixed random weights. Input "image" [N,3,224,224], output "logits" [N,10]. Its answers
   * mean nothing; its cost grows with {@code channels} squared times {@code depth}.
   */
  public static OnnxGraph convolutional(int channels, int depth) {
    Random random = new Random(1);
    OnnxGraph graph =
        new OnnxGraph("convolutional_" + channels + "x" + depth)
            .input("image", ElementType.FLOAT, "N", 3, 224, 224)
            .floats("w0", List.of(channels, 3, 7, 7), weights(random, channels, 3 * 7 * 7))
            .node(
                "Conv",
                List.of("image", "w0"),
                List.of("c0"),
                Map.of("strides", List.of(4L, 4L), "pads", List.of(3L, 3L, 3L, 3L)))
            .node("Relu", List.of("c0"), List.of("r0"));
    for (int layer = 1; layer <= depth; layer++) {
      graph
          .floats(
              "w" + layer,
              List.of(channels, channels, 3, 3),
              weights(random, channels, channels * 3 * 3))
          .node(
              "Conv",
              List.of("r" + (layer - 1), "w" + layer),
              List.of("c" + layer),
              Map.of("pads", List.of(1L, 1L, 1L, 1L)))
          .node("Relu", List.of("c" + layer), List.of("r" + layer));
    }
    return graph
        .node("ReduceMean", List.of("r" + depth), List.of("pooled"), over(HEIGHT_AND_WIDTH))
        .floats("classes", List.of(channels, 10), weights(random, 10, channels))
        .node("MatMul", List.of("pooled", "classes"), List.of("logits"))
        .output("logits", ElementType.FLOAT, "N", 10);
  }

  /** Input "images" [N,3,64,64]; the mean colours of its quarters are "colors" [N,3,4]. */
  private static OnnxGraph quarters(OnnxGraph graph) {
    return graph
        .input("images", ElementType.FLOAT, "N", 3, 64, 64)
        .node(
            "AveragePool",
            List.of("images"),
            List.of("pooled"),
            Map.of("kernel_shape", List.of(32L, 32L), "strides", List.of(32L, 32L)))
        .longs("quarters", List.of(3), 0, 3, 4)
        .node("Reshape", List.of("pooled", "quarters"), List.of("colors"));
  }

  private static Map<String, Object> keeping(long axis) {
    return Map.of("axes", List.of(axis), "keepdims", 1L);
  }

  private static OnnxGraph colorLogits(OnnxGraph graph, Object batch, int side) {
    return graph
        .input("image", ElementType.FLOAT, batch, 3, side, side)
        .node("ReduceMean", List.of("image"), List.of("mean"), over(HEIGHT_AND_WIDTH))
        .floats("sharpness", List.of(), SHARPNESS)
        .node("Mul", List.of("mean", "sharpness"), List.of("logits"));
  }

  /** He initialisation: keeps the activations' size from layer to layer. */
  private static float[] weights(Random random, int outputs, int inputs) {
    float[] weights = new float[outputs * inputs];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (random.nextGaussian() * Math.sqrt(2.0 / inputs));
    }
    return weights;
  }

  private static Map<String, Object> over(List<Long> axes) {
    return Map.of("axes", axes, "keepdims", 0L);
  }

  private static Map<String, Long> cast(ElementType to) {
    return Map.of("to", to.code());
  }
}
