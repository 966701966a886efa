package dev.sluice.worker.config;

import dev.sluice.worker.config.WorkerConfiguration.DefaultModel;
import dev.sluice.worker.config.WorkerConfiguration.Delivery;
import dev.sluice.worker.config.WorkerConfiguration.Instances;
import dev.sluice.worker.config.WorkerConfiguration.MaxBatchSize;
import dev.sluice.worker.config.WorkerConfiguration.Ordering;
import dev.sluice.worker.config.WorkerConfiguration.S3Endpoint;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The table of all keys. It drives parsing, the generated page and the test that sets every key;
 * {@link WorkerConfiguration} is what becomes of it.
 */
final class Keys {
  static final String VARIABLE_PREFIX = "SLUICE_";

  /** An encoded image is one Java array. */
  private static final long LARGEST_ARRAY = Integer.MAX_VALUE - 8;

  private static final List<Key<?>> TABLE = new ArrayList<>();

  static final Key<String> WORKER_ID =
      key(
          "worker_id",
          ValueType.text(),
          "",
          "Names this worker in results, logs and on the status page. Empty: host name and process"
              + " id.");
  static final Key<List<String>> KAFKA_BOOTSTRAP_SERVERS =
      key(
          "kafka.bootstrap_servers",
          ValueType.nonEmptyListOf(ValueType.hostAndPort()),
          "localhost:9092",
          "Brokers to start from.");
  static final Key<List<URI>> KAFKA_SCHEMA_REGISTRY_URL =
      key(
          "kafka.schema_registry_url",
          ValueType.nonEmptyListOf(ValueType.httpUrl()),
          "http://localhost:8081",
          "The schema registry (Confluent or compatible); several are tried in turn.");
  static final Key<String> KAFKA_GROUP_ID =
      key(
          "kafka.group_id",
          ValueType.nonBlankText(),
          "sluice",
          "The consumer group. Workers of one group share the partitions.");
  static final Key<List<String>> TOPICS_REQUESTS =
      key(
          "topics.requests",
          ValueType.nonEmptyListOf(ValueType.topic()),
          "inference-requests",
          "Where requests are read from.");
  static final Key<String> TOPICS_RESULTS =
      key("topics.results", ValueType.topic(), "inference-results", "Where results are published.");
  static final Key<String> TOPICS_DEAD_LETTERS =
      key(
          "topics.dead_letters",
          ValueType.topic(),
          "inference-requests-dlt",
          "Where requests that failed for good are kept.");
  static final Key<List<Duration>> TOPICS_RETRIES =
      key(
          "topics.retries",
          ValueType.listOf(ValueType.duration(Duration.ofMillis(1))),
          "10s, 1m, 10m",
          "The steps of the retry topics, ascending: how long what fails for a while waits before"
              + " each further attempt. Each step has a topic of its own for each topic of"
              + " requests.");
  static final Key<Delivery> DELIVERY =
      key(
          "delivery",
          ValueType.word(Delivery.class),
          "at-least-once",
          "at-least-once: after a crash or a rebalance a result may be there twice. exactly-once:"
              + " results, retries, dead letters and offsets are stored in transactions, and a"
              + " reader with isolation.level=read_committed sees each result once; give each"
              + " worker a worker_id of its own.");
  static final Key<Ordering> ORDERING =
      key(
          "ordering",
          ValueType.word(Ordering.class),
          "none",
          "none: results appear as they are finished. key: those of one key in the order of its"
              + " requests; what fails for a while is then tried again in place after the delays of"
              + " topics.retries, and only that key waits.");
  static final Key<Long> IMAGES_MAX_BYTES =
      key(
          "images.max_bytes",
          ValueType.size(1, LARGEST_ARRAY),
          "32MiB",
          "The largest encoded image; more is answered with IMAGE_TOO_LARGE.");
  static final Key<Integer> IMAGES_MAX_PIXELS =
      key(
          "images.max_pixels",
          ValueType.number(1, Integer.MAX_VALUE / 3),
          "64000000",
          "The largest image in pixels, width times height; more is answered with"
              + " IMAGE_TOO_LARGE.");
  static final Key<Duration> IMAGES_TIMEOUT =
      key(
          "images.timeout",
          ValueType.duration(Duration.ofMillis(1)),
          "10s",
          "The longest that fetching an image may take, redirects and attempts in place included.");
  static final Key<Duration> IMAGES_CONNECT_TIMEOUT =
      key(
          "images.connect_timeout",
          ValueType.duration(Duration.ofMillis(1)),
          "3s",
          "The longest that one connection may take to be made.");
  static final Key<Integer> IMAGES_MAX_CONCURRENT =
      key(
          "images.max_concurrent",
          ValueType.number(1, 10_000),
          "128",
          "Fetches at once. So many images, one more for each decoding thread and two batches for"
              + " each lane, are fetched ahead of their answers at most.");
  static final Key<Integer> IMAGES_MAX_CONCURRENT_PER_ORIGIN =
      key(
          "images.max_concurrent_per_origin",
          ValueType.number(1, 10_000),
          "32",
          "How many of these may go to one scheme, host and port (or bucket, or file root).");
  static final Key<Integer> IMAGES_ATTEMPTS =
      key(
          "images.attempts",
          ValueType.number(1, 10),
          "3",
          "How often a fetch is tried in place when the image is unavailable.");
  static final Key<Duration> IMAGES_PROBE_INTERVAL =
      key(
          "images.probe_interval",
          ValueType.duration(Duration.ofMillis(1)),
          "10s",
          "How long an origin of images that fails for everybody is left alone before one request"
              + " tries it again; the others wait meanwhile. An origin that asks for more"
              + " (Retry-After) gets up to 5m.");
  static final Key<Duration> IMAGES_OUTAGE_LIMIT =
      key(
          "images.outage_limit",
          ValueType.duration(Duration.ofMillis(1)),
          "1d",
          "How long a request waits in all for origins that are down, before it fails with"
              + " IMAGE_UNAVAILABLE.");
  static final Key<Integer> IMAGES_MAX_REDIRECTS =
      key(
          "images.max_redirects",
          ValueType.number(0, 20),
          "5",
          "How many redirects are followed; each is checked like the first address.");
  static final Key<List<String>> IMAGES_ALLOW =
      key(
          "images.allow",
          ValueType.listOf(ValueType.nonBlankText()),
          "",
          "Addresses that may be fetched, as [scheme://]host[:port]: https://*.example.com,"
              + " http://10.1.0.0/16:*, s3://bucket. Empty: every public http and https address and"
              + " no bucket. Loopback, link-local and private addresses must be named exactly or by"
              + " range.");
  static final Key<List<String>> IMAGES_DENY =
      key(
          "images.deny",
          ValueType.listOf(ValueType.nonBlankText()),
          "",
          "Addresses that may not be fetched, even when allowed; written in the same way.");
  static final Key<Boolean> IMAGES_ALLOW_DOWNGRADE =
      key(
          "images.allow_downgrade",
          ValueType.truth(),
          "false",
          "Whether an https address may redirect to an http one.");
  static final Key<List<Path>> IMAGES_FILE_ROOTS =
      key(
          "images.file_roots",
          ValueType.listOf(ValueType.path()),
          "",
          "Folders below which file: may read. Empty: file: is forbidden.");
  static final Key<Integer> IMAGES_DECODE_THREADS =
      key(
          "images.decode_threads",
          ValueType.threads(),
          "auto",
          "Platform threads that decode images.");
  static final Key<S3Endpoint> IMAGES_S3_ENDPOINT =
      key(
          "images.s3.endpoint",
          ValueType.httpUrl()
              .orWhenEmpty(new S3Endpoint.Aws(), "nothing for AWS's own", S3Endpoint.At::new),
          "",
          "An S3-compatible store's URL. Empty: AWS's own for the region.");
  static final Key<String> IMAGES_S3_REGION =
      key(
          "images.s3.region",
          ValueType.text(),
          "",
          "The S3 region. Empty: the one that AWS's default chain finds.");
  static final Key<Boolean> IMAGES_S3_PATH_STYLE =
      key(
          "images.s3.path_style",
          ValueType.truth(),
          "true",
          "Whether the bucket stands in the path and not in the host name.");
  static final Key<String> IMAGES_S3_ACCESS_KEY_ID =
      key(
          "images.s3.access_key_id",
          ValueType.text(),
          "",
          "S3 access key. Empty: AWS's default chain of credentials.");
  static final Key<Secret> IMAGES_S3_SECRET_ACCESS_KEY =
      key(
          "images.s3.secret_access_key",
          ValueType.secret(),
          "",
          "The access key's secret; set it by environment rather than in a file.");
  static final Key<Path> MODELS_REPOSITORY =
      key(
          "models.repository",
          ValueType.path(),
          "./models",
          "The folder of models: <name>/<version>/model.onnx.");
  static final Key<DefaultModel> MODELS_DEFAULT =
      key(
          "models.default",
          ValueType.text()
              .orWhenEmpty(
                  new DefaultModel.OnlyOne(),
                  "nothing for the only model",
                  DefaultModel.Named::new),
          "",
          "The model for requests that name none. Empty: the repository's only model, if it is the"
              + " only one.");
  static final Key<String> MODELS_DEVICE =
      key(
          "models.device",
          ValueType.matching(
              "device",
              "auto|cpu|(cuda|tensorrt)(:\\d{1,3})?",
              "auto, cpu, cuda, cuda:N, tensorrt or tensorrt:N"),
          "cpu",
          "Where models run whose model.yaml does not say. auto: the first CUDA device when it can"
              + " be used, else cpu; what was chosen is logged and on the status page.");
  static final Key<Instances> MODELS_INSTANCES =
      key(
          "models.instances",
          ValueType.instances(),
          "auto",
          "Lanes of a model whose model.yaml does not say; each has its own thread. auto: one for"
              + " each processor on cpu, one on an NVIDIA device, where two overlap copying with"
              + " computing at the price of the model's memory.");
  static final Key<MaxBatchSize> MODELS_MAX_BATCH_SIZE =
      key(
          "models.max_batch_size",
          ValueType.maxBatchSize(),
          "auto",
          "The largest batch of a model whose model.yaml does not say. auto: 32 on an NVIDIA"
              + " device; on cpu, where batches are no faster, 1, or 4 when an image costs less"
              + " than 2 ms; 8 with batching: adaptive and on simulated devices.");
  static final Key<List<Integer>> MODELS_PREFERRED_BATCH_SIZE =
      key(
          "models.preferred_batch_size",
          ValueType.listOf(ValueType.number(1, 4_096)),
          "",
          "Batch sizes to prefer for a model whose model.yaml does not say.");
  static final Key<Duration> MODELS_MAX_QUEUE_DELAY =
      key(
          "models.max_queue_delay",
          ValueType.duration(Duration.ZERO),
          "0ms",
          "How long an image may wait for a fuller batch while a lane is idle, for a model whose"
              + " model.yaml does not say.");
  static final Key<Duration> MODELS_MAX_CALL_DURATION =
      key(
          "models.max_call_duration",
          ValueType.duration(Duration.ofMillis(1)),
          "60s",
          "How long one device call may take before its lane is taken for wedged, for a model whose"
              + " model.yaml does not say. Its images are given up, other lanes go on. When all"
              + " lanes of a model are wedged for five times as long, the worker ends with exit"
              + " code 3.");
  static final Key<Integer> IN_FLIGHT_MAX_RECORDS =
      key(
          "in_flight.max_records",
          ValueType.number(1, 1_000_000),
          "2000",
          "Requests that the worker has begun and not finished.");
  static final Key<Long> IN_FLIGHT_MAX_BYTES =
      key(
          "in_flight.max_bytes",
          ValueType.size(1 << 20, 1L << 40),
          "512MiB",
          "Bytes that these hold in memory: records, encoded and decoded images.");
  static final Key<Integer> IN_FLIGHT_MAX_RUN_AHEAD =
      key(
          "in_flight.max_run_ahead",
          ValueType.number(1, 10_000_000),
          "10000",
          "Records of one partition from the oldest that is not committed to the newest: bounds"
              + " what is done again after a crash, and how many wait for an image store that is"
              + " down.");
  static final Key<Duration> IN_FLIGHT_MAX_HOLD =
      key(
          "in_flight.max_hold",
          ValueType.duration(Duration.ofMillis(1)),
          "5m",
          "How long a record may hold back the commits of its partition before it goes to a retry"
              + " topic. Not used with ordering: key.");
  static final Key<Integer> IN_FLIGHT_MAX_PER_KEY =
      key(
          "in_flight.max_per_key",
          ValueType.number(1, 1_000_000),
          "100",
          "With ordering: key, how many requests of one key may be begun and not finished; the next"
              + " keeps its partition waiting.");
  static final Key<String> HTTP_HOST =
      key(
          "http.host",
          ValueType.nonBlankText(),
          "0.0.0.0",
          "The address to listen on. All by default, since health checks and Prometheus come from"
              + " outside of the container; nothing served there changes anything or shows a"
              + " secret.");
  static final Key<Integer> HTTP_PORT =
      key(
          "http.port",
          ValueType.number(0, 65_535),
          "8080",
          "The port of the status page, metrics and health. 0: any free one.");
  static final Key<Duration> COMMIT_INTERVAL =
      key(
          "commit_interval",
          ValueType.duration(Duration.ofMillis(1)),
          "1s",
          "How often offsets of finished requests are committed. What a killed worker finished"
              + " since then is done again.");
  static final Key<Duration> DRAIN_BUDGET =
      key(
          "drain_budget",
          ValueType.duration(Duration.ZERO),
          "25s",
          "How long a stopping worker, or one that loses a partition, finishes what it has begun."
              + " Less than what kills it (Kubernetes: 30 s).");

  static final List<Key<?>> ALL = Collections.unmodifiableList(TABLE);

  static final PassThrough KAFKA_PROPERTIES =
      new PassThrough("kafka.properties", "Settings for every Kafka client.");
  static final PassThrough KAFKA_CONSUMER =
      new PassThrough("kafka.consumer", "Settings for the consumer alone.");
  static final PassThrough KAFKA_PRODUCER =
      new PassThrough("kafka.producer", "Settings for the producer alone.");

  /** Mappings that go to the Kafka clients as they are. */
  static final List<PassThrough> PASS_THROUGH =
      List.of(KAFKA_PROPERTIES, KAFKA_CONSUMER, KAFKA_PRODUCER);

  private Keys() {}

  private static <T> Key<T> key(
      String name, ValueType<T> type, String defaultText, String description) {
    Key<T> key = new Key<>(name, type, defaultText, description);
    TABLE.add(key);
    return key;
  }

  /**
   * A mapping whose keys are not ours to know.
   *
   * @param name the mapping's own name
   */
  record PassThrough(String name, String description) {
    /** Whether a key lies in this mapping. */
    boolean holds(String key) {
      return key.startsWith(name + ".");
    }

    /** The client's own name of a key that lies in this mapping. */
    String clientKey(String key) {
      return key.substring(name.length() + 1);
    }
  }
}
