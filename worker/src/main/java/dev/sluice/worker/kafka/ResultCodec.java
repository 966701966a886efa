package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.schemas.ContractClasses;
import dev.sluice.v1.Box;
import dev.sluice.v1.ClassScore;
import dev.sluice.v1.Classification;
import dev.sluice.v1.Detections;
import dev.sluice.v1.Embedding;
import dev.sluice.v1.Image;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Point;
import dev.sluice.v1.Status;
import dev.sluice.v1.Tensor;
import dev.sluice.v1.Tensors;
import dev.sluice.v1.TextLine;
import dev.sluice.v1.TextLines;
import dev.sluice.v1.Timings;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.ImageInfo;
import dev.sluice.worker.model.Outcome;
import dev.sluice.worker.model.Output;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.AbstractList;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes results' bytes, in Confluent's wire format through Confluent's own serializer. Safe for any
 * thread.
 *
 * <p>{@link #connect} registers the schema, or looks it up where registering is switched off; after
 * that nothing here asks the registry.
 */
public final class ResultCodec {
  private static final int MAX_MESSAGE = 2000;
  private static final Timings NO_TIMINGS = new Timings(0.0, 0.0, 0.0, 0.0, 0.0, 0.0);

  private final String topic;
  private final String worker;
  private final RegistryClient registry;
  private final boolean registerSchema;

  /** Knows the schema's id once {@link #connect} has made it known. */
  private volatile KafkaAvroSerializer serializer;

  /**
   * @param topic the results' topic; the schema's subject is {@code <topic>-value}
   * @param worker names this worker in its results
   * @param registerSchema whether this worker may register the schema; if not, somebody else has
   */
  public ResultCodec(RegistryClient registry, String topic, String worker, boolean registerSchema) {
    this.topic = requireNonNull(topic, "topic is null");
    this.worker = requireNonNull(worker, "worker is null");
    this.registry = requireNonNull(registry, "registry is null");
    this.registerSchema = registerSchema;
    ContractClasses.trust();
    this.serializer = serializer(Map.of("auto.register.schemas", registerSchema));
  }

  /**
   * Makes the schema known to the registry and its id known here.
   *
   * @throws org.apache.kafka.common.KafkaException when the registry refuses or cannot be asked
   */
  void connect() {
    InferenceResult example =
        InferenceResult.newBuilder()
            .setRequestId("")
            .setStatus(Status.SUCCEEDED)
            .setTimings(NO_TIMINGS)
            .setCompletedAt(Instant.EPOCH)
            .build();
    byte[] bytes =
        serializer(Map.of("auto.register.schemas", registerSchema)).serialize(topic, example);
    int id = ByteBuffer.wrap(bytes).getInt(1);
    // With the id it looks nothing up by the whole schema, which takes longer than encoding.
    KafkaAvroSerializer knowing =
        serializer(
            Map.of(
                "auto.register.schemas",
                false,
                "use.schema.id",
                id,
                "id.compatibility.strict",
                false));
    knowing.serialize(topic, example);
    serializer = knowing;
  }

  private KafkaAvroSerializer serializer(Map<String, Object> more) {
    Map<String, Object> settings = new HashMap<>(more);
    settings.put("schema.registry.url", "given-by-the-client");
    // The registry holds the schema as it stands in schemas/, without Java's hints.
    settings.put("avro.remove.java.properties", true);
    return new KafkaAvroSerializer(registry.client(), settings);
  }

  /**
   * The result that answers a request.
   *
   * @param request what is repeated of it: id, metadata, and, where none ran, the model asked for
   */
  byte[] encode(InferenceRequest request, Outcome outcome, Instant now) {
    InferenceResult.Builder result =
        InferenceResult.newBuilder()
            .setRequestId(request.getRequestId())
            .setMetadata(request.getMetadata())
            .setModel(request.getModel())
            .setModelVersion(request.getModelVersion())
            .setTimings(timings(outcome.timings()))
            .setWorker(worker)
            .setCompletedAt(now);
    switch (outcome) {
      case Outcome.Succeeded succeeded ->
          result
              .setStatus(Status.SUCCEEDED)
              .setModel(succeeded.model())
              .setModelVersion(succeeded.modelVersion())
              .setOutput(output(succeeded.output()))
              .setImage(image(succeeded.image()))
              .setBatchSize(succeeded.batchSize());
      case Outcome.Failed failed ->
          result
              .setStatus(Status.FAILED)
              .setError(
                  error(failed.reason().code(), Text.message(failed.reason()), failed.attempts()));
      case Outcome.Expired expired ->
          result
              .setStatus(Status.EXPIRED)
              .setError(
                  error(
                      ErrorCode.DEADLINE_EXCEEDED,
                      "the deadline passed before the result was made, at: " + expired.stage(),
                      expired.attempts()));
    }
    return serializer.serialize(topic, result.build());
  }

  private static dev.sluice.v1.Error error(ErrorCode code, String message, int attempts) {
    return new dev.sluice.v1.Error(code.name(), Text.bounded(message, MAX_MESSAGE), attempts);
  }

  private static Timings timings(dev.sluice.worker.model.Timings timings) {
    return new Timings(
        timings.queued(),
        timings.fetch(),
        timings.decode(),
        timings.batchWait(),
        timings.inference(),
        timings.total());
  }

  private static Image image(ImageInfo image) {
    return new Image(image.width(), image.height(), image.format(), image.byteSize());
  }

  private static Object output(Output output) {
    return switch (output) {
      case Output.Classification classification ->
          new Classification(
              classification.classes().stream()
                  .map(each -> new ClassScore(each.index(), each.label(), each.score()))
                  .toList());
      case Output.Detections detections ->
          new Detections(detections.boxes().stream().map(ResultCodec::box).toList());
      case Output.TextLines text ->
          new TextLines(text.lines().stream().map(ResultCodec::line).toList());
      case Output.Embedding embedding -> new Embedding(new FloatList(embedding.values()));
      case Output.Tensors tensors ->
          new Tensors(tensors.tensors().stream().map(ResultCodec::tensor).toList());
    };
  }

  private static Box box(Output.Box box) {
    return new Box(
        box.index(), box.label(), box.score(), box.xMin(), box.yMin(), box.xMax(), box.yMax());
  }

  private static TextLine line(Output.TextLine line) {
    return new TextLine(
        line.text(),
        line.score(),
        line.polygon().stream().map(point -> new Point(point.x(), point.y())).toList());
  }

  private static Tensor tensor(Output.NamedTensor tensor) {
    return new Tensor(tensor.name(), tensor.datatype(), tensor.shape(), tensor.data().duplicate());
  }

  /** An array as the list that Avro asks for, without a copy that boxes every number. */
  private static final class FloatList extends AbstractList<Float> {
    private final float[] values;

    private FloatList(float[] values) {
      this.values = values;
    }

    @Override
    public Float get(int index) {
      return values[index];
    }

    @Override
    public int size() {
      return values.length;
    }
  }
}
