package dev.sluice.worker.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * The table of our own metrics: what {@link Metrics} and {@link Exposition} register, and what
 * docs/metrics.md says.
 */
enum Metric {
  REQUEST_SUCCESS(
      "sluice.inference.request.success",
      Type.COUNTER,
      "Requests answered with SUCCEEDED (Triton: nv_inference_request_success).",
      "model",
      "model_version"),
  REQUEST_FAILURE(
      "sluice.inference.request.failure",
      Type.COUNTER,
      "Requests answered with FAILED, or, with code DEADLINE_EXCEEDED, with EXPIRED (Triton:"
          + " nv_inference_request_failure).",
      "code"),
  RETRIES(
      "sluice.retries",
      Type.COUNTER,
      "Attempts that failed for a while and are made again: on a retry topic, or in place with"
          + " ordering: key.",
      "code"),
  UNDECODABLE_RECORDS(
      "sluice.undecodable.records",
      Type.COUNTER,
      "Records that could not be decoded and became dead letters without a result.",
      "topic"),
  DEAD_LETTERS(
      "sluice.dead.letters", Type.COUNTER, "Records put on the dead-letter topic.", "code"),
  SEND_FAILURES(
      "sluice.send.failures",
      Type.COUNTER,
      "Records that the brokers did not acknowledge; their requests' offsets do not move.",
      "topic"),
  BATCH_SIZE(
      "sluice.inference.batch.size",
      Type.HISTOGRAM,
      "Images in one device call: its sum is Triton's nv_inference_count, its count"
          + " nv_inference_exec_count.",
      "model"),
  LANE_BUSY(
      "sluice.inference.lane.busy.seconds",
      Type.COUNTER,
      "Seconds that a lane has spent in device calls: its rate is the share of time in which the"
          + " lane is busy.",
      "lane"),
  STAGE_DURATION(
      "sluice.stage.duration",
      Type.TIMER,
      "Where requests spend their time: queued (since the record's timestamp), fetch, decode,"
          + " batch_wait, inference, total.",
      "stage"),
  IN_FLIGHT_RECORDS("sluice.in.flight.records", Type.GAUGE, "Requests begun and not finished."),
  IN_FLIGHT_IMAGES(
      "sluice.in.flight.images",
      Type.GAUGE,
      "Images fetched, or being fetched, for requests that are not answered. As many as the status"
          + " page allows when requests wait for decoding or a lane; when for one image store,"
          + " about images.max_concurrent_per_origin."),
  IN_FLIGHT_BYTES("sluice.in.flight.bytes", Type.GAUGE, "Bytes that these hold in memory."),
  INTAKE_PAUSED(
      "sluice.intake.paused",
      Type.GAUGE,
      "1 while no new requests are read, else 0; the status page says why."),
  PENDING_REQUESTS(
      "sluice.inference.pending.request.count",
      Type.GAUGE,
      "Images that wait for a lane (Triton: nv_inference_pending_request_count).",
      "model"),
  LANES(
      "sluice.inference.lanes",
      Type.GAUGE,
      "Lanes of a model by what they are doing: idle, busy, wedged (in a device call for longer"
          + " than max_call_duration), ended.",
      "model",
      "state"),
  LARGEST_BATCH(
      "sluice.inference.largest.batch",
      Type.GAUGE,
      "The largest batch for now: less than max_batch_size for a while after the device ran out of"
          + " memory, or as batching: adaptive finds it.",
      "model"),
  WEDGED_CALLS(
      "sluice.inference.wedged.calls",
      Type.COUNTER,
      "Device calls that took longer than max_call_duration; their images were given up.",
      "lane"),
  OUT_OF_MEMORY(
      "sluice.inference.out.of.memory",
      Type.COUNTER,
      "Batches that did not fit the device's memory and were run again in smaller ones.",
      "lane"),
  PARTITION_LAG(
      "sluice.partition.lag.records",
      Type.GAUGE,
      "Records of an assigned partition that are not committed yet. There is a series only while"
          + " the partition is assigned here and the lag is known; of one that is paused, as it was"
          + " a few seconds ago.",
      "topic",
      "partition"),
  PARTITION_IN_FLIGHT(
      "sluice.partition.in.flight.records",
      Type.GAUGE,
      "Requests of an assigned partition begun and not finished.",
      "topic",
      "partition"),
  BREAKER_STATE(
      "sluice.circuit.breaker.state",
      Type.GAUGE,
      "The circuit breaker of an origin of images: 0 closed, 1 half open, 2 open. At most 50"
          + " origins, the open ones first.",
      "origin"),
  BREAKER_SINCE(
      "sluice.circuit.breaker.since.timestamp.seconds",
      Type.GAUGE,
      "Since when, in seconds of the Unix epoch, the origin is well or, when the breaker is not"
          + " closed, is not.",
      "origin"),
  WAITING_REQUESTS(
      "sluice.waiting.requests",
      Type.GAUGE,
      "Requests that wait for something that is down for everybody, by what they wait for: an"
          + " origin of images, the schema registry. The 20 that most wait for, the rest as other.",
      "dependency");

  /** How a metric behaves. */
  enum Type {
    COUNTER,
    GAUGE,
    HISTOGRAM,
    /** A histogram of seconds. */
    TIMER
  }

  private final String registered;
  private final Type type;
  private final String description;

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<String> labels;

  Metric(String registered, Type type, String description, String... labels) {
    this.registered = requireNonNull(registered, "registered is null");
    this.type = requireNonNull(type, "type is null");
    this.description = requireNonNull(description, "description is null");
    this.labels = List.of(labels);
  }

  /** Its name in Micrometer. */
  String registered() {
    return registered;
  }

  Type type() {
    return type;
  }

  String description() {
    return description;
  }

  List<String> labels() {
    return labels;
  }

  /** The names of the families that Prometheus sees. */
  List<String> exported() {
    String base = registered.replace('.', '_');
    return switch (type) {
      case COUNTER -> List.of(base + "_total");
      case GAUGE -> List.of(base);
      case HISTOGRAM -> List.of(base, base + "_max");
      case TIMER -> List.of(base + "_seconds", base + "_seconds_max");
    };
  }
}
