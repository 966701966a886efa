package dev.sluice.tools.soak;

import dev.sluice.tools.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a soak has found. Immutable.
 *
 * @param injected how many faults of each kind there were
 * @param deviceEnds how often a worker ended because its device was gone
 * @param unplannedEnds how often a worker ended although nothing had told it to
 * @param failedDrains how often a worker did not end in order when it was told to
 * @param unexpectedFailures how often a worker tried a request again for a reason of its own
 * @param memory what the first worker had resident
 * @param seconds how long the run took, without starting the servers
 * @param interrupted whether it was ended before its time
 * @param harness what went wrong with the soak itself
 */
record SoakReport(
    SoakSettings settings,
    Totals totals,
    Map<FaultKind, Integer> injected,
    int deviceEnds,
    int unplannedEnds,
    int failedDrains,
    int unexpectedFailures,
    ResidentMemory memory,
    double seconds,
    boolean interrupted,
    List<String> harness) {
  SoakReport {
    injected = new EnumMap<>(injected);
    harness = List.copyOf(harness);
  }

  /** What is wrong, in a line each; empty for a clean run. */
  List<String> defects() {
    List<String> defects = new ArrayList<>(harness);
    if (interrupted) {
      defects.add("interrupted before everything had ended");
    }
    if (unplannedEnds > 0) {
      defects.add("workers that ended on their own: " + unplannedEnds);
    }
    if (failedDrains > 0) {
      defects.add("workers that did not drain: " + failedDrains);
    }
    if (unexpectedFailures > 0) {
      defects.add(
          "requests that failed unexpectedly, see the workers' logs: " + unexpectedFailures);
    }
    counting().forEach(defect -> defects.add(defect.title() + ": " + totals.count(defect)));
    return defects;
  }

  /** The first ones of every defect that counts. */
  List<String> examples() {
    return counting()
        .flatMap(defect ->
            totals.examples(defect).stream().map(example -> defect.title() + ": " + example))
        .toList();
  }

  private Stream<Defect> counting() {
    return Arrays.stream(Defect.values())
        .filter(defect -> defect.counts(settings.delivery(), settings.ordering()))
        .filter(defect -> totals.count(defect) > 0);
  }

  /** The one table. */
  Table table() {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("sent", number(totals.sent()));
    if (totals.notAcknowledged() > 0) {
      rows.put("not acknowledged", number(totals.notAcknowledged()));
    }
    rows.put("succeeded", number(totals.succeeded()));
    rows.put("failed", number(totals.failed()));
    rows.put("expired", number(totals.expired()));
    rows.put("dead-lettered", number(totals.deadLettered()));
    rows.put("replayed", number(totals.replayed()));
    rows.put("answered after replay", number(totals.answeredAfterReplay()));
    for (Defect defect : Defect.values()) {
      rows.put(defect.title(), number(totals.count(defect)));
    }
    rows.put("longest stall, ms", number(totals.longestStall().toMillis()));
    injected.forEach((kind, count) -> rows.put("fault: " + kind.title(), number(count)));
    rows.put("faults", number(faults()));
    rows.put("workers that ended with their device", number(deviceEnds));
    rows.put("workers that ended on their own", number(unplannedEnds));
    rows.put("workers that did not drain", number(failedDrains));
    rows.put("requests that failed unexpectedly", number(unexpectedFailures));
    if (memory.isKnown()) {
      rows.put("resident, worker 1, thirds of the run, MiB", mebibytes(memory));
    }
    rows.put("seconds", String.format(Locale.ROOT, "%.0f", seconds));
    rows.put("seed", Long.toString(settings.seed()));
    return new Table(
        List.of("WHAT", settings.delivery() + ", " + settings.ordering()),
        rows.entrySet().stream().map(row -> List.of(row.getKey(), row.getValue())).toList());
  }

  private static String mebibytes(ResidentMemory memory) {
    return memory.thirds().stream()
        .map(bytes -> number(bytes >> 20))
        .collect(Collectors.joining(", "));
  }

  private static String number(long number) {
    return Long.toString(number);
  }

  private int faults() {
    return injected.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** What {@code --json} prints. */
  Json json() {
    Map<String, Integer> faults = new LinkedHashMap<>();
    injected.forEach((kind, count) -> faults.put(kind.name().toLowerCase(Locale.ROOT), count));
    return new Json(
        settings.seed(),
        settings.delivery(),
        settings.ordering(),
        settings.protocol(),
        settings.limits().workers(),
        settings.limits().brokers(),
        totals.sent(),
        totals.notAcknowledged(),
        totals.succeeded(),
        totals.failed(),
        totals.expired(),
        totals.deadLettered(),
        totals.replayed(),
        totals.answeredAfterReplay(),
        totals.count(Defect.MISSING),
        totals.count(Defect.UNDELIVERED),
        totals.count(Defect.WRONG),
        totals.count(Defect.UNEXPECTED),
        totals.count(Defect.DUPLICATE),
        totals.count(Defect.DUPLICATE_DEAD_LETTER),
        totals.count(Defect.REPLAYED_TWICE),
        totals.count(Defect.OUT_OF_ORDER),
        totals.longestStall().toMillis(),
        faults(),
        faults,
        deviceEnds,
        unplannedEnds,
        failedDrains,
        unexpectedFailures,
        memory.thirds(),
        seconds,
        defects(),
        examples());
  }

  /** A soak as one JSON object. */
  record Json(
      long seed,
      String delivery,
      String ordering,
      String protocol,
      int workers,
      int brokers,
      long sent,
      long notAcknowledged,
      long succeeded,
      long failed,
      long expired,
      long deadLettered,
      long replayed,
      long answeredAfterReplay,
      long missing,
      long failedWithoutDeadLetter,
      long wrong,
      long unexpected,
      long duplicates,
      long duplicateDeadLetters,
      long replayedTwice,
      long outOfOrder,
      long longestStallMillis,
      int faults,
      Map<String, Integer> faultsByKind,
      int deviceEnds,
      int unplannedEnds,
      int failedDrains,
      int unexpectedFailures,
      List<Long> firstWorkerResidentBytes,
      double seconds,
      List<String> defects,
      List<String> examples) {}
}
