package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A number that a request may set for itself among its {@code parameters}.
 *
 * @param name its key
 * @param least the least value allowed
 * @param greatest the greatest value allowed
 * @param unset what it is when the request does not say
 * @param whole whether only whole numbers are allowed
 */
public record NumberParameter(
    String name, double least, double greatest, double unset, boolean whole) {
  /** The longest part of a request's own text that is quoted back to it. */
  private static final int LONGEST_QUOTE = 40;

  public NumberParameter {
    requireNonNull(name, "name is null");
    if (!(least <= unset && unset <= greatest)) {
      throw new IllegalArgumentException(
          name + " is from " + least + " to " + greatest + ", so it cannot be " + unset);
    }
  }

  /** A number from 0 to 1. */
  public static NumberParameter fraction(String name, double unset) {
    return new NumberParameter(name, 0, 1, unset, false);
  }

  /** A whole number. */
  public static NumberParameter count(String name, int least, int greatest, int unset) {
    return new NumberParameter(name, least, greatest, unset, true);
  }

  /**
   * The value that the request asks for.
   *
   * @throws TaskException with INVALID_REQUEST, naming the parameter, the value and what is allowed
   */
  public double in(Map<String, String> parameters) {
    String text = parameters.get(name);
    if (text == null) {
      return unset;
    }
    double value = parse(text);
    if (!(value >= least && value <= greatest) || (whole && value != Math.rint(value))) {
      throw new TaskException(
          ErrorCode.INVALID_REQUEST,
          "parameter %s is %s; allowed is %s".formatted(name, quoted(text), allowed()));
    }
    return value;
  }

  /**
   * Refuses a request whose parameters are not these, or out of their ranges.
   *
   * @throws TaskException with INVALID_REQUEST, naming the parameter, the value and what is allowed
   */
  public static void validate(Map<String, String> parameters, List<NumberParameter> known) {
    for (String key : new TreeSet<>(parameters.keySet())) {
      if (known.stream().noneMatch(parameter -> parameter.name.equals(key))) {
        throw new TaskException(
            ErrorCode.INVALID_REQUEST,
            "parameter %s is not known to this model; known are: %s"
                .formatted(
                    quoted(key),
                    known.stream().map(NumberParameter::name).collect(Collectors.joining(", "))));
      }
    }
    known.forEach(parameter -> parameter.in(parameters));
  }

  private static double parse(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException notANumber) {
      return Double.NaN; // lies in no range
    }
  }

  private String allowed() {
    return whole
        ? "a whole number from %d to %d".formatted((long) least, (long) greatest)
        : "a number from %s to %s".formatted(least, greatest);
  }

  private static String quoted(String text) {
    return text.length() <= LONGEST_QUOTE
        ? "'" + text + "'"
        : "'" + text.substring(0, LONGEST_QUOTE) + "...'";
  }
}
