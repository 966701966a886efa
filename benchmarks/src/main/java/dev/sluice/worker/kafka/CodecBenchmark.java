package dev.sluice.worker.kafka;

import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.schemas.ContractClasses;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.InferenceResult;
import dev.sluice.worker.model.ImageInfo;
import dev.sluice.worker.model.Outcome;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.Parking;
import dev.sluice.worker.model.Position;
import dev.sluice.worker.model.Timings;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A request's bytes to a task, and an outcome to a result's bytes, with Confluent's classes and a
 * real registry that is asked once. The other side is Avro alone, which neither looks a schema up
 * nor checks anything.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class CodecBenchmark {
  private static final String REQUESTS = "requests";
  private static final int HEADER_BYTES = 5;
  private static final Parking NOT_PARKED =
      new Parking() {
        @Override
        public void entered(String dependency) {}

        @Override
        public void left() {}
      };
  private static final Outcome OUTCOME =
      new Outcome.Succeeded(
          "model",
          "1",
          new Output.Classification(
              List.of(
                  new Output.ClassScore(1, "tabby cat", 0.7f),
                  new Output.ClassScore(2, "tiger cat", 0.2f),
                  new Output.ClassScore(3, "lynx", 0.05f))),
          new ImageInfo(640, 480, "JPEG", 50_000),
          4,
          new Timings(1, 2, 3, 4, 5, 6));

  static {
    // Before any of Avro's readers and writers is made.
    ContractClasses.trust();
  }

  private final SpecificDatumReader<InferenceRequest> reader =
      new SpecificDatumReader<>(InferenceRequest.getClassSchema());
  private final SpecificDatumWriter<InferenceResult> writer =
      new SpecificDatumWriter<>(InferenceResult.getClassSchema());

  private SchemaRegistry registry;
  private ResultCodec results;
  private RequestCodec requests;
  private InferenceRequest request;
  private Received received;
  private InferenceResult result;

  @Setup(Level.Trial)
  public void start() throws IOException {
    registry = SchemaRegistry.launch();
    RegistryClient client =
        RegistryClient.open(
            new ConnectionSettings("", registry.url(), "group", Map.of(), Map.of(), Map.of()),
            Backoff.DEFAULT,
            (IntakeObserver)
                Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {IntakeObserver.class},
                    (_, _, _) -> null));
    request =
        InferenceRequest.newBuilder()
            .setRequestId("4f2c1a8e-6f0d-4c69-9a55-0b7f6f1d2a34")
            .setImageUri("https://images.example.com/2026/11/20/photograph-0001.jpg?width=640")
            .setMetadata(Map.of("tenant", "a", "trace", "00-4bf92f3577b34da6a3ce929d0e0e4736"))
            .build();
    byte[] bytes;
    try (KafkaAvroSerializer serializer =
        new KafkaAvroSerializer(
            client.client(),
            Map.of("schema.registry.url", "given-by-the-client", "auto.register.schemas", true))) {
      bytes = serializer.serialize(REQUESTS, request);
    }
    Topics topics = new Topics(List.of(REQUESTS), "results", "dead-letters", List.of());
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(REQUESTS, 0, 0, new byte[0], bytes);
    received = new Received(record, new Position(REQUESTS, 0, 0, 0), Provenance.of(record, topics));
    requests = new RequestCodec(client, "model", InstantSource.system());
    results = new ResultCodec(client, "results", "worker", true);
    results.connect();
    byte[] encoded = results.encode(request, OUTCOME, Instant.EPOCH);
    result =
        new SpecificDatumReader<InferenceResult>(InferenceResult.getClassSchema())
            .read(
                null,
                DecoderFactory.get()
                    .binaryDecoder(encoded, HEADER_BYTES, encoded.length - HEADER_BYTES, null));
  }

  @TearDown(Level.Trial)
  public void stop() {
    registry.close();
  }

  @Benchmark
  public byte[] encode() {
    return results.encode(request, OUTCOME, Instant.EPOCH);
  }

  @Benchmark
  public byte[] encodeWithAvroAlone() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    writer.write(result, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  @Benchmark
  public Object decode() throws InterruptedException {
    return requests.decode(received, NOT_PARKED);
  }

  @Benchmark
  public InferenceRequest decodeWithAvroAlone() throws IOException {
    byte[] bytes = received.record().value();
    BinaryDecoder decoder =
        DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, null);
    return reader.read(null, decoder);
  }
}
