package dev.sluice.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows for people, in aligned columns: a column whose cells are all numbers is right-aligned,
 * everything else left-aligned. Cells are printed on one line each, control characters removed.
 * Immutable.
 *
 * @param columns the heads of the columns
 * @param rows the cells, each row as long as {@code columns}
 */
public record Table(List<String> columns, List<List<String>> rows) {

  private static final String GAP = "  ";

  public Table {
    columns = List.copyOf(columns);
    rows = rows.stream().map(row -> row.stream().map(Text::oneLine).toList()).toList();
    for (List<String> row : rows) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "a row of %d cells in a table of %d columns: %s"
                .formatted(row.size(), columns.size(), row));
      }
    }
  }

  /** The lines of the table, the heads first, without trailing blanks. */
  public List<String> lines() {
    int[] widths = IntStream.range(0, columns.size()).map(this::width).toArray();
    boolean[] numeric = new boolean[columns.size()];
    for (int column = 0; column < numeric.length; column++) {
      numeric[column] = isNumeric(column);
    }
    List<String> lines = new ArrayList<>(rows.size() + 1);
    lines.add(line(columns, widths, numeric));
    rows.forEach(row -> lines.add(line(row, widths, numeric)));
    return lines;
  }

  private static String line(List<String> cells, int[] widths, boolean[] numeric) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < cells.size(); column++) {
      String cell = cells.get(column);
      String padding = " ".repeat(widths[column] - length(cell));
      line.append(column == 0 ? "" : GAP);
      line.append(numeric[column] ? padding + cell : cell + padding);
    }
    return line.toString().stripTrailing();
  }

  private int width(int column) {
    return Math.max(
        length(columns.get(column)),
        rows.stream().mapToInt(row -> length(row.get(column))).max().orElse(0));
  }

  private boolean isNumeric(int column) {
    return !rows.isEmpty()
        && rows.stream().allMatch(row -> row.get(column).matches("-?|-?\\d+([.,]\\d+)*%?"));
  }

  private static int length(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
