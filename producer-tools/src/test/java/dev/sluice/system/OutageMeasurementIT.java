package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.ImageServer;
import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.tools.local.WorkerProcess;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long requests of a healthy origin take before, during and after two minutes in which another
 * origin is down and its requests pile up. Takes four minutes, so it runs only when asked to:
 *
 * <pre>
 * ./sluice test -pl producer-tools -am -Dsluice.measure=true -Dtest=none -Dit.test=OutageMeasurementIT \
 *     -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false
 * </pre>
 */
@WithDevstack
@EnabledIfSystemProperty(named = "sluice.measure", matches = "true")
class OutageMeasurementIT {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final Duration OUTAGE = Duration.ofMinutes(2);
  private static final Duration BESIDES = Duration.ofSeconds(30);

  /** 10 requests for each of two origins at each tick: 5,000 for each in two minutes. */
  private static final Duration TICK = Duration.ofMillis(240);

  private static final int PER_TICK = 10;
  private static final String SENT = "sent";

  @TempDir private Path folder;
  @TempDir private Path pictures;

  private final Pipeline pipeline;
  private int sent;

  OutageMeasurementIT(KafkaCluster kafka, SchemaRegistry registry, FreshNames names) {
    pipeline = Pipeline.create(kafka, registry, names, 4);
  }

  /** What was sent in one stretch of time, by origin. */
  private record Sent(List<String> healthy, List<String> failing) {}

  @Test
  void anOriginIsDownForTwoMinutes() {
    Path images = ColorFiles.create(pictures).folder();
    Map<String, String> settings = pipeline.settings(Models.create(folder.resolve("models")));
    settings.put("images.allow", "http://127.0.0.1:*");
    ImageServer failing = ImageServer.launch(images);
    int port = Integer.parseInt(failing.url().substring(failing.url().lastIndexOf(':') + 1));
    try (ImageServer healthy = ImageServer.launch(images);
        Requests requests = new Requests(pipeline);
        ResultsReader results = new ResultsReader(pipeline);
        WorkerProcess worker =
            WorkerProcess.launch("worker", folder, List.of("-Xmx512m"), settings).awaitReady()) {
      send(requests, healthy.url(), failing.url(), BESIDES); // The worker warms up.
      Sent before = send(requests, healthy.url(), failing.url(), BESIDES);
      results.awaitAnswered(sent, LIMIT);

      failing.close();
      Sent during = send(requests, healthy.url(), failing.url(), OUTAGE);
      double waiting = Scrape.of(worker).sum("sluice_waiting_requests");
      long back = System.currentTimeMillis();
      try (ImageServer again = ImageServer.launch(images, port)) {
        assertThat(again.url()).isEqualTo(failing.url());
        Sent after = send(requests, healthy.url(), failing.url(), BESIDES);
        results.awaitAnswered(sent, LIMIT);
        results.readToEnd();

        report("healthy origin, before", latencies(results, before.healthy()));
        report("healthy origin, during", latencies(results, during.healthy()));
        int quarter = during.healthy().size() / 4;
        for (int i = 0; i < 4; i++) {
          report(
              "  its quarter " + (i + 1) + "       ",
              latencies(results, during.healthy().subList(i * quarter, (i + 1) * quarter)));
        }
        report("healthy origin, after ", latencies(results, after.healthy()));
        report("failing origin, before", latencies(results, before.failing()));
        report("failing origin, after ", latencies(results, after.failing()));
        LongSummaryStatistics answered =
            during.failing().stream()
                .mapToLong(id -> result(results, id).record().timestamp())
                .summaryStatistics();
        List<ConsumerRecord<byte[], byte[]>> deadLetters =
            TopicReader.all(pipeline.kafka().bootstrapServers(), pipeline.deadLetters());
        System.out.printf(
            "%.0f requests waited at the end of the outage; after the origin was back the first was"
                + " answered in %.1f s, the last in %.1f s%n",
            waiting, (answered.getMin() - back) / 1e3, (answered.getMax() - back) / 1e3);
        System.out.printf(
            "requests %d, results %d, dead letters %d; the worker holds %d MiB%n",
            sent, results.all().size(), deadLetters.size(), worker.residentBytes() >> 20);
        assertThat(deadLetters).isEmpty();
        assertThat(results.all())
            .extracting(InferenceResult::getStatus)
            .containsOnly(Status.SUCCEEDED);
      }
    }
  }

  private Sent send(Requests requests, String healthy, String failing, Duration time) {
    Sent stretch = new Sent(new ArrayList<>(), new ArrayList<>());
    long begin = System.nanoTime();
    for (long tick = 0; tick < time.dividedBy(TICK); tick++) {
      pauseUntil(begin + tick * TICK.toNanos());
      int first = sent;
      List<String> ids =
          requests.send(
              2 * PER_TICK, i -> request(first + i, (first + i) % 2 == 0 ? healthy : failing));
      sent += ids.size();
      for (int i = 0; i < ids.size(); i++) {
        ((first + i) % 2 == 0 ? stretch.healthy() : stretch.failing()).add(ids.get(i));
      }
    }
    return stretch;
  }

  private static InferenceRequest request(int number, String origin) {
    return InferenceRequest.newBuilder(ColorFiles.request(number, origin))
        .setMetadata(Map.of(SENT, Long.toString(System.currentTimeMillis())))
        .build();
  }

  private static ResultsReader.Received result(ResultsReader results, String id) {
    return Objects.requireNonNull(results.byId().get(id), id).getFirst();
  }

  /** In milliseconds from the request's sending to its result's, ascending. */
  private static long[] latencies(ResultsReader results, Collection<String> ids) {
    return ids.stream()
        .map(id -> result(results, id))
        .mapToLong(each ->
            each.record().timestamp()
                - Long.parseLong(
                    Objects.requireNonNull(each.result().getMetadata().get(SENT), SENT)))
        .sorted()
        .toArray();
  }

  private static void report(String what, long[] sorted) {
    System.out.printf(
        "%s: %5d requests, p50 %3d ms, p99 %3d ms, max %3d ms%n",
        what, sorted.length, at(sorted, 0.5), at(sorted, 0.99), at(sorted, 1));
  }

  private static long at(long[] sorted, double share) {
    return sorted[Math.max(0, (int) Math.ceil(sorted.length * share) - 1)];
  }

  /** Keeps the pace; nothing is waited for. */
  private static void pauseUntil(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos - System.nanoTime());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
