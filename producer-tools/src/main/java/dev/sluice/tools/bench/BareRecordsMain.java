package dev.sluice.tools.bench;

import dev.sluice.schemas.ContractClasses;
import dev.sluice.v1.ClassScore;
import dev.sluice.v1.Classification;
import dev.sluice.v1.Image;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Status;
import dev.sluice.v1.Timings;
import dev.sluice.worker.image.DecodeSettings;
import dev.sluice.worker.image.ImageDecoder;
import dev.sluice.worker.model.Geometry;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What somebody would write who had nothing to do but answer: consume, decode, encode, produce,
 * commit now and then, in one loop on each thread, with a consumer of its own. Nothing is retried,
 * and a crash loses what was not sent yet.
 */
public final class BareRecordsMain {
  private static final Duration POLL = Duration.ofMillis(100);

  /** What the worker makes of an image for the simulated model. */
  private static final List<Geometry> WANTED = List.of(new Geometry.CenterCrop(32, 32, 32));

  private BareRecordsMain() {}

  /**
   * Answers until it is ended.
   *
   * @param arguments brokers, registry, the topic of requests, the topic of results, the group, how
   *     many threads, and whether images are decoded (true) or only requests
   */
  public static void main(String[] arguments) throws InterruptedException, ExecutionException {
    ContractClasses.trust();
    Route route = new Route(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]);
    int threads = Integer.parseInt(arguments[5]);
    List<Geometry> wanted = Boolean.parseBoolean(arguments[6]) ? WANTED : List.of();
    try (KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", route.brokers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        ImageDecoder decoder = new ImageDecoder(DecodeSettings.defaults(), InstantSource.system());
        ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      CompletionService<Void> loops = new ExecutorCompletionService<>(executor);
      for (int i = 0; i < threads; i++) {
        loops.submit(() -> {
          loop(route, decoder, wanted, producer);
          return null;
        });
      }
      try {
        // None of them returns: the first that is heard of has failed.
        loops.take().get();
      } finally {
        executor.shutdownNow();
      }
    }
  }

  /**
   * Between what the records go.
   *
   * @param requests the topic of requests
   * @param results the topic of results
   */
  private record Route(
      String brokers, String registry, String requests, String results, String group) {}

  private static void loop(
      Route route,
      ImageDecoder decoder,
      List<Geometry> wanted,
      KafkaProducer<byte[], byte[]> producer) {
    try (KafkaAvroDeserializer requests = new KafkaAvroDeserializer();
        KafkaAvroSerializer answers = new KafkaAvroSerializer();
        KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(
                Map.of(
                    "bootstrap.servers",
                    route.brokers(),
                    "group.id",
                    route.group(),
                    "group.protocol",
                    "consumer",
                    "auto.offset.reset",
                    "earliest",
                    "enable.auto.commit",
                    false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
      requests.configure(
          Map.of("schema.registry.url", route.registry(), "specific.avro.reader", true), false);
      answers.configure(
          Map.of("schema.registry.url", route.registry(), "avro.remove.java.properties", true),
          false);
      consumer.subscribe(List.of(route.requests()));
      long committed = System.nanoTime();
      while (true) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          InferenceRequest request =
              (InferenceRequest)
                  requests.deserialize(
                      record.topic(),
                      record.headers(),
                      record.value(),
                      InferenceRequest.getClassSchema());
          if (!wanted.isEmpty()) {
            byte[] encoded = new byte[request.getImageBytes().remaining()];
            request.getImageBytes().duplicate().get(encoded);
            var _ = decoder.decodeHere(encoded, wanted);
          }
          var _ =
              producer.send(
                  new ProducerRecord<>(
                      route.results(),
                      null,
                      request.getRequestId().getBytes(StandardCharsets.UTF_8),
                      answers.serialize(route.results(), answer(request))));
        }
        if (System.nanoTime() - committed > TimeUnit.SECONDS.toNanos(1)) {
          committed = System.nanoTime();
          consumer.commitAsync();
        }
      }
    }
  }

  private static InferenceResult answer(InferenceRequest request) {
    return InferenceResult.newBuilder()
        .setRequestId(request.getRequestId())
        .setStatus(Status.SUCCEEDED)
        .setModel("simulated")
        .setModelVersion("1")
        .setOutput(
            new Classification(
                List.of(
                    new ClassScore(0, "red", 0.98f),
                    new ClassScore(1, "green", 0.01f),
                    new ClassScore(2, "blue", 0.01f))))
        .setImage(new Image(32, 32, "jpeg", (long) request.getImageBytes().remaining()))
        .setTimings(new Timings(1.0, 1.0, 1.0, 1.0, 1.0, 5.0))
        .setBatchSize(8)
        .setWorker("bare")
        .setCompletedAt(Instant.now())
        .setMetadata(request.getMetadata())
        .build();
  }
}
