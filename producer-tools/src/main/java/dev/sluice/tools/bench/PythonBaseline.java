package dev.sluice.tools.bench;

import dev.sluice.tools.CommandException;
import dev.sluice.tools.Text;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * One worker against what a person would write in Python, on the same images, the same model and
 * the same broker: one process, and two. The sides take turns.
 */
final class PythonBaseline implements Scenario {
  private static final String REQUESTS = "bench-python-json-requests";
  private static final String RESULTS = "bench-python-json-results";
  private static final List<Integer> THREADS = List.of(1, 2, 4);

  @Override
  public String name() {
    return "python";
  }

  @Override
  public String description() {
    return "images/s from a backlog against a Python worker, one process and two";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Optional<PythonWorker.Installation> python = PythonWorker.find(bench.scratchFolder("python"));
    if (python.isEmpty()) {
      bench.tell("python: left out, since it needs " + PythonWorker.NEEDS);
      return new Findings(List.of(), List.of());
    }
    BenchModel model = BenchModel.classifier();
    List<Path> files = bench.images(Photographs.Kind.VGA);
    int partitions = bench.settings().partitions();
    createTopics(bench.bootstrapServers(), partitions);
    try (Deployment deployment = bench.prepare(name(), model, partitions, Map.of());
        Requests requests = deployment.requests(bench.byAddress(files));
        ResultsMeter results = deployment.results();
        JsonSide json = new JsonSide(bench, python.get(), model, files, partitions)) {
      deployment.start(1);
      bench.tell("python: warming up, and trying numbers of threads");
      json.chooseThreads();
      double _ = WarmUp.of(bench, name()).run(step -> Capacity.warmUp(requests, results, step));
      List<Double> ours = new ArrayList<>();
      List<Double> one = new ArrayList<>();
      List<Double> two = new ArrayList<>();
      for (int round = 1; round <= bench.settings().rounds(); round++) {
        long from = results.count();
        long count = 3 * json.burst();
        requests.burst(count);
        ours.add(results.middle(from, from + count).perSecond());
        one.add(json.measure(1));
        two.add(json.measure(2));
        bench.tell(
            "python: round %d: sluice %s images/s, one process %s, two %s"
                .formatted(
                    round,
                    Text.number(ours.getLast()),
                    Text.number(one.getLast()),
                    Text.number(two.getLast())));
      }
      deployment.requireNoFailures();
      SequencedMap<String, Object> facts = new LinkedHashMap<>();
      facts.put("model", model.title());
      facts.put("python_threads", json.threads());
      facts.put("python_runtime", json.runtime());
      return new Findings(
          List.of(
              row("one Python process", ours, one, new Target.AtLeast(2), facts),
              row("two Python processes", ours, two, new Target.AtLeast(1.4), facts)),
          List.of());
    }
  }

  private Row row(
      String reference,
      List<Double> ours,
      List<Double> theirs,
      Target target,
      SequencedMap<String, Object> facts) {
    return Row.ratio(
        name(),
        "against " + reference,
        "images/s",
        new Samples(ours),
        new Samples(theirs),
        reference,
        target,
        facts);
  }

  private static void createTopics(String bootstrapServers, int partitions)
      throws InterruptedException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(REQUESTS, partitions, (short) 1),
                  new NewTopic(RESULTS, partitions, (short) 1)))
          .all()
          .get();
    } catch (ExecutionException e) {
      throw CommandException.failed("could not create the Python worker's topics: " + e.getCause());
    }
  }

  /** The Python worker's side: its requests, its results, its processes. */
  private static final class JsonSide implements AutoCloseable {
    private final Bench bench;
    private final PythonWorker.Installation python;
    private final Path folder;
    private final List<Path> files;
    private final int partitions;
    private final Map<String, String> options;
    private final Producer<String, String> producer;
    private final ResultsMeter results;
    private long sent;
    private int threads = 1;
    private double best;
    private String runtime = "";

    JsonSide(
        Bench bench,
        PythonWorker.Installation python,
        BenchModel model,
        List<Path> files,
        int partitions)
        throws IOException {
      this.bench = bench;
      this.python = python;
      this.folder = bench.scratchFolder("python-log");
      this.files = files;
      this.partitions = partitions;
      this.options =
          Map.of(
              "bootstrap-servers",
              bench.bootstrapServers(),
              "requests",
              REQUESTS,
              "results",
              RESULTS,
              "model",
              model.files().getFirst().file().toString(),
              "width",
              "192",
              "height",
              "48");
      this.producer =
          new KafkaProducer<>(
              Map.of("bootstrap.servers", bench.bootstrapServers()),
              new StringSerializer(),
              new StringSerializer());
      this.results = new ResultsMeter(bench.bootstrapServers(), RESULTS, partitions);
    }

    /** As many as keep a process busy for a good part of a measurement. */
    long burst() {
      return Math.max(200, (long) (best * bench.settings().duration().toSeconds()));
    }

    int threads() {
      return threads;
    }

    String runtime() {
      return runtime;
    }

    /** Takes the number of threads with which one process does most: its best is to be compared. */
    void chooseThreads() throws IOException, InterruptedException {
      int chosen = threads;
      for (int each : THREADS) {
        threads = each;
        double reached = measure(1);
        if (reached > best) {
          best = reached;
          chosen = each;
        }
      }
      threads = chosen;
    }

    /** Images a second of so many processes together. */
    double measure(int processes) throws IOException, InterruptedException {
      List<PythonWorker> running = new ArrayList<>();
      try {
        Map<String, String> all = new LinkedHashMap<>(options);
        all.put("threads", String.valueOf(threads));
        for (int i = 0; i < processes; i++) {
          all.put("partitions", share(i, processes));
          running.add(PythonWorker.start(python, all, folder.resolve("python.log")));
        }
        runtime = running.getFirst().runtime();
        // Connections, thread pool, first pages of the model.
        long from = results.count();
        send(40L * partitions);
        ResultsMeter.Reading _ = results.await(from + 40L * partitions);
        long count = burst() * processes;
        from = results.count();
        send(count);
        return results.middle(from, from + count).perSecond();
      } finally {
        running.forEach(PythonWorker::close);
      }
    }

    private String share(int process, int processes) {
      return IntStream.range(0, partitions)
          .filter(partition -> partition % processes == process)
          .mapToObj(String::valueOf)
          .collect(Collectors.joining(","));
    }

    private void send(long count) {
      for (long i = 0; i < count; i++) {
        Path file = files.get((int) (sent % files.size()));
        String request =
            "{\"request_id\": \"bench-%d\", \"image_uri\": \"%s\"}"
                .formatted(sent, bench.address(file));
        var _ =
            producer.send(new ProducerRecord<>(REQUESTS, (int) (sent % partitions), null, request));
        sent++;
      }
      producer.flush();
    }

    @Override
    public void close() {
      producer.close();
      results.close();
    }
  }
}
