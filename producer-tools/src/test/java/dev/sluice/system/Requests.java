package dev.sluice.system;

import dev.sluice.v1.InferenceRequest;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends requests as an upstream service does: Avro through the Confluent serializer, an
 * acknowledged send. Used by one thread.
 */
final class Requests implements AutoCloseable {
  private static final List<String> LABELS = List.of("red", "green", "blue");
  private static final List<ByteBuffer> SMALL = images(32);
  private static final List<ByteBuffer> LARGE = images(800);

  private final String topic;
  private final KafkaAvroSerializer avro = new KafkaAvroSerializer();
  private final KafkaProducer<byte[], byte[]> producer;

  Requests(Pipeline pipeline) {
    topic = pipeline.requests();
    avro.configure(
        Map.of(
            "schema.registry.url",
            pipeline.registry().url(),
            "auto.register.schemas",
            false,
            "avro.remove.java.properties",
            true),
        false);
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", pipeline.kafka().bootstrapServers(), "linger.ms", 5),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /**
   * Sends {@code count} small images in turn red, green and blue, in the request itself, each under
   * its id as the key.
   *
   * @return the ids, in order; {@link #label} tells the right answer
   */
  List<String> sendColors(int count) {
    return send(count, Requests::color);
  }

  /**
   * Sends what {@code request} makes of the numbers from 0.
   *
   * @return the ids, in order
   */
  List<String> send(int count, IntFunction<InferenceRequest> request) {
    List<String> ids = new ArrayList<>(count);
    List<Future<RecordMetadata>> sends = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      InferenceRequest next = request.apply(i);
      ids.add(next.getRequestId());
      sends.add(producer.send(record(next, List.of())));
    }
    sends.forEach(Requests::acknowledged);
    return ids;
  }

  /** Sends one to a certain partition and does not wait. */
  Future<RecordMetadata> offer(int partition, InferenceRequest request) {
    return producer.send(
        new ProducerRecord<>(
            topic, partition, bytes(request.getRequestId()), avro.serialize(topic, request)));
  }

  /** Sends one with headers and returns what was sent. */
  ProducerRecord<byte[], byte[]> send(InferenceRequest request, Map<String, String> headers) {
    List<Header> all = new ArrayList<>();
    headers.forEach((name, value) -> all.add(new RecordHeader(name, bytes(value))));
    return sendRecord(record(request, all));
  }

  /** Sends bytes that may be no request at all, with a key. */
  ProducerRecord<byte[], byte[]> sendBytes(String key, byte[] value) {
    return sendRecord(new ProducerRecord<>(topic, bytes(key), value));
  }

  private ProducerRecord<byte[], byte[]> sendRecord(ProducerRecord<byte[], byte[]> record) {
    acknowledged(producer.send(record));
    return record;
  }

  private ProducerRecord<byte[], byte[]> record(InferenceRequest request, List<Header> headers) {
    return new ProducerRecord<>(
        topic, null, bytes(request.getRequestId()), avro.serialize(topic, request), headers);
  }

  /** A request for the image number {@code number}, 32 pixels wide: next to no work. */
  static InferenceRequest color(int number) {
    return request(number, SMALL);
  }

  /**
   * {@link #color} with an image of 640,000 pixels, which takes a millisecond or more to decode.
   */
  static InferenceRequest largeColor(int number) {
    return request(number, LARGE);
  }

  /** A request whose image is none, of {@code bytes} bytes: it fails for good. */
  static InferenceRequest broken(int number, int bytes) {
    byte[] image = new byte[bytes];
    Arrays.fill(image, (byte) 'x');
    return InferenceRequest.newBuilder()
        .setRequestId("broken-%05d".formatted(number))
        .setImageBytes(ByteBuffer.wrap(image))
        .build();
  }

  /** {@link #color} by address and not in itself. */
  static InferenceRequest at(int number, String imageUri) {
    return InferenceRequest.newBuilder(color(number))
        .setImageBytes(null)
        .setImageUri(imageUri)
        .build();
  }

  /** {@link #color} with an image of {@code bytes} bytes, most of which say nothing. */
  static InferenceRequest heavy(int number, int bytes) {
    InferenceRequest light = color(number);
    ByteBuffer image = ByteBuffer.allocate(bytes).put(light.getImageBytes().duplicate()).clear();
    return InferenceRequest.newBuilder(light).setImageBytes(image).build();
  }

  private static InferenceRequest request(int number, List<ByteBuffer> images) {
    int color = number % LABELS.size();
    return InferenceRequest.newBuilder()
        .setRequestId("%s-%05d".formatted(LABELS.get(color), number))
        .setImageBytes(images.get(color).duplicate())
        .build();
  }

  /** What the colour classifier must answer to the request of this id. */
  static String label(String requestId) {
    return requestId.substring(0, requestId.indexOf('-'));
  }

  private static List<ByteBuffer> images(int size) {
    return Stream.of(Color.RED, Color.GREEN, Color.BLUE).map(color -> png(color, size)).toList();
  }

  private static ByteBuffer png(Color color, int size) {
    BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(color);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    graphics.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, "png", out)) {
        throw new AssertionError("no writer for PNG");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write a PNG", e);
    }
    return ByteBuffer.wrap(out.toByteArray());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Waits until a send is acknowledged. */
  static void acknowledged(Future<RecordMetadata> send) {
    try {
      send.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("a request was not acknowledged", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    producer.close();
    avro.close();
  }
}
