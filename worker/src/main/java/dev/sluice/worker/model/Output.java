package dev.sluice.worker.model;

import java.nio.ByteBuffer;
import java.util.List;

/** What a model said about one image. Coordinates are pixels of the image as a person sees it. */
public sealed interface Output {
  /** The best classes, highest score first. */
  record Classification(List<ClassScore> classes) implements Output {
    public Classification {
      classes = List.copyOf(classes);
    }
  }

  /** One class: its index in the model's output, its name, and its probability from 0 to 1. */
  record ClassScore(int index, String label, float score) {}

  /** Objects found, highest score first. */
  record Detections(List<Box> boxes) implements Output {
    public Detections {
      boxes = List.copyOf(boxes);
    }
  }

  /** One object: its class, its confidence from 0 to 1, and its edges in pixels. */
  record Box(
      int index, String label, float score, float xMin, float yMin, float xMax, float yMax) {}

  /**
   * Text found, from top to bottom, then from left to right; where most of it runs downwards,
   * column by column from right to left.
   */
  record TextLines(List<TextLine> lines) implements Output {
    public TextLines {
      lines = List.copyOf(lines);
    }
  }

  /** One line of text, its mean confidence, and its outline clockwise from where reading starts. */
  record TextLine(String text, float score, List<Point> polygon) {
    public TextLine {
      polygon = List.copyOf(polygon);
    }
  }

  /** A point in pixels from the top left. */
  record Point(float x, float y) {}

  /** The image as one vector; the array is not copied and never written to. */
  record Embedding(float[] values) implements Output {}

  /** The model's outputs as they are. */
  record Tensors(List<NamedTensor> tensors) implements Output {
    public Tensors {
      tensors = List.copyOf(tensors);
    }
  }

  /**
   * One output for one image.
   *
   * @param name its name in the model
   * @param datatype Open Inference Protocol data type (FP32, INT64 ...)
   * @param shape its dimensions without the batch dimension
   * @param data its elements, row-major, little-endian, from position to limit
   */
  record NamedTensor(String name, String datatype, List<Long> shape, ByteBuffer data) {
    public NamedTensor {
      shape = List.copyOf(shape);
    }
  }
}
