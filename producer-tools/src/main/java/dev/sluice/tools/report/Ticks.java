package dev.sluice.tools.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where the marks of an axis from 0 stand: at multiples of 1, 2 or 5 times a power of ten.
 * Immutable.
 *
 * @param step between two marks
 * @param count of steps; the last mark is not below the greatest value
 */
record Ticks(double step, int count) {
  private static final int MOST = 6;

  /** For values from 0 to {@code greatest}. */
  static Ticks upTo(double greatest) {
    double top = greatest > 0 && Double.isFinite(greatest) ? greatest : 1;
    double power = Math.pow(10, Math.floor(Math.log10(top / MOST)));
    double step =
        List.of(1.0, 2.0, 5.0, 10.0).stream()
            .map(factor -> factor * power)
            .filter(candidate -> Math.ceil(top / candidate) <= MOST)
            .findFirst()
            .orElse(10 * power);
    return new Ticks(step, (int) Math.max(1, Math.ceil(top / step)));
  }

  /** The last mark. */
  double end() {
    return step * count;
  }

  List<Double> marks() {
    List<Double> marks = new ArrayList<>();
    for (int i = 0; i <= count; i++) {
      marks.add(i * step);
    }
    return marks;
  }

  /** A mark as it is written at the axis. */
  String label(double mark) {
    int decimals = (int) Math.max(0, -Math.floor(Math.log10(step)));
    return String.format(Locale.ROOT, "%,." + decimals + "f", mark);
  }
}
