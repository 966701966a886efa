package dev.sluice.tools.bench;

import dev.sluice.tools.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/**
 * One line of the table: a figure of the worker's, what it is compared with, and how it compares,
 * all from the same rounds of the same run. Immutable.
 *
 * @param scenario which scenario measured it
 * @param what what was measured, for people
 * @param unit of both sides
 * @param sluice the worker's side
 * @param reference the other side, as {@link #referenceName} calls it
 * @param referenceName what the other side is
 * @param comparison what {@code value} is: {@code ratio}, {@code difference} or {@code figure}
 * @param value round by round
 * @param target what the median of {@code value} is to reach
 * @param facts what else is worth knowing, by name
 */
record Row(
    String scenario,
    String what,
    String unit,
    Samples sluice,
    Samples reference,
    String referenceName,
    String comparison,
    Samples value,
    Target target,
    SequencedMap<String, Object> facts) {

  /** The worker's figure over the reference's. */
  static Row ratio(
      String scenario,
      String what,
      String unit,
      Samples sluice,
      Samples reference,
      String referenceName,
      Target target,
      SequencedMap<String, Object> facts) {
    return new Row(
        scenario,
        what,
        unit,
        sluice,
        reference,
        referenceName,
        "ratio",
        sluice.with(reference, (ours, theirs) -> ours / theirs),
        target,
        facts);
  }

  /** The worker's figure less the reference's. */
  static Row difference(
      String scenario,
      String what,
      String unit,
      Samples sluice,
      Samples reference,
      String referenceName,
      Target target,
      SequencedMap<String, Object> facts) {
    return new Row(
        scenario,
        what,
        unit,
        sluice,
        reference,
        referenceName,
        "difference",
        sluice.with(reference, (ours, theirs) -> ours - theirs),
        target,
        facts);
  }

  /** The worker's figure itself, beside one that explains it. */
  static Row figure(
      String scenario,
      String what,
      String unit,
      Samples sluice,
      Samples reference,
      String referenceName,
      Target target,
      SequencedMap<String, Object> facts) {
    return new Row(
        scenario, what, unit, sluice, reference, referenceName, "figure", sluice, target, facts);
  }

  /** Whether the median reaches the target. */
  boolean reached() {
    return target.isReached(value.median());
  }

  /** The heads of {@link #cells}. */
  static List<String> heads() {
    return List.of(
        "scenario", "what", "sluice", "reference", "unit", "value", "spread", "target", "verdict");
  }

  /** For people: medians, and of the value the least and the greatest round. */
  List<String> cells() {
    return List.of(
        scenario,
        what,
        Text.number(sluice.median()),
        "%s (%s)".formatted(Text.number(reference.median()), referenceName),
        unit,
        Text.number(value.median()) + (comparison.equals("ratio") ? "" : " " + unit),
        Text.number(value.min()) + " to " + Text.number(value.max()),
        target.text(),
        target instanceof Target.None ? "" : reached() ? "reached" : "missed");
  }

  /** The facts in a line each, for people. */
  List<String> remarks() {
    List<String> lines = new ArrayList<>();
    facts.forEach((name, value) ->
        lines.add(
            name.replace('_', ' ')
                + ": "
                + (value instanceof Double figure ? Text.number(figure) : String.valueOf(value))));
    return lines;
  }
}
