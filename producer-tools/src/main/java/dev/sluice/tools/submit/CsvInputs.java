package dev.sluice.tools.submit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/**
 * Reads requests from a CSV file (RFC 4180, UTF-8) whose first line names the columns: {@code
 * image_uri} (an address, or a file relative to the CSV file's folder) is needed; {@code
 * request_id}, {@code model}, {@code model_version}, {@code image_sha256} and {@code deadline} are
 * known; {@code parameters.NAME} is a parameter; every other column is metadata under its own name
 * ({@code metadata.NAME} also works). Empty cells count as absent.
 *
 * <p>One bad line never spoils the others: each record is cut out by its quotes first and parsed
 * alone. A quote that is never closed costs the line it stands in. The file is read as a stream.
 */
final class CsvInputs {
  /** A quoted cell may hold line breaks, but one that runs on for longer was never closed. */
  private static final int MAX_LINES_IN_RECORD = 100;

  private static final String NEVER_CLOSED = "a quote is opened and never closed";
  private static final String PARAMETER_PREFIX = "parameters.";
  private static final String METADATA_PREFIX = "metadata.";

  private final Path file;
  private final ObjectReader rowReader =
      CsvMapper.builder()
          .enable(CsvParser.Feature.WRAP_AS_ARRAY)
          .enable(CsvParser.Feature.TRIM_SPACES)
          .build()
          .readerFor(String[].class);

  CsvInputs(Path file) {
    this.file = file;
  }

  /** The number of records, good and bad ones, without the header. */
  long count() throws IOException, InterruptedException {
    long[] count = {0};
    read(
        new Rows() {
          @Override
          public void header(long line, String[] cells) {}

          @Override
          public void row(long line, String[] cells) {
            count[0]++;
          }

          @Override
          public void bad(long line, String problem) {
            count[0]++;
          }
        });
    return count[0];
  }

  /** Hands every record to the consumer, in the file's order. */
  void forEach(Input.Consumer inputs) throws IOException, InterruptedException {
    read(
        new Rows() {
          private List<String> header = List.of();

          @Override
          public void header(long line, String[] cells) throws InputException {
            header = List.of(cells);
            checkHeader(header);
          }

          @Override
          public void row(long line, String[] cells) throws InterruptedException {
            Input input;
            try {
              input = new Input.Accepted(draft(where(line), header, cells));
            } catch (InputException e) {
              input = new Input.Rejected(where(line), String.valueOf(e.getMessage()));
            }
            inputs.accept(input);
          }

          @Override
          public void bad(long line, String problem) throws InterruptedException {
            inputs.accept(new Input.Rejected(where(line), problem));
          }
        });
  }

  private String where(long line) {
    return line == 0 ? file.toString() : file + " line " + line;
  }

  /** Told about each record, with the number of the line where it begins; 0: about the file. */
  private interface Rows {
    void header(long line, String[] cells) throws InputException;

    void row(long line, String[] cells) throws InterruptedException;

    void bad(long line, String problem) throws InterruptedException;
  }

  private void read(Rows rows) throws IOException, InterruptedException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
      Lines lines = new Lines(reader);
      int columns = 0;
      while (lines.next()) {
        try {
          if (columns > 0) {
            rows.row(lines.number(), cells(lines, columns));
          } else {
            String[] header = parse(lines.current());
            columns = header.length;
            rows.header(lines.number(), header);
          }
        } catch (InputException e) {
          rows.bad(lines.number(), String.valueOf(e.getMessage()));
          if (columns == 0 || lines.isFirst()) {
            return;
          }
        }
      }
      if (columns == 0) {
        rows.bad(0, "the file is empty; its first line names the columns");
      }
    }
  }

  /**
   * The record that begins at the current line. A quote that is left open there joins it with the
   * lines up to the one that closes it, but only if a proper record comes out: otherwise the quote
   * was a mistake, and those lines are records of their own.
   */
  private String[] cells(Lines lines, int columns) throws IOException, InputException {
    int more = lines.untilQuotesClose(MAX_LINES_IN_RECORD);
    if (more > 0) {
      try {
        String[] joined = parse(lines.joined(more));
        if (joined.length == columns) {
          lines.skip(more);
          return joined;
        }
      } catch (InputException e) {
        throw new InputException(NEVER_CLOSED, e);
      }
      throw new InputException(NEVER_CLOSED);
    }
    return parse(lines.current());
  }

  private String[] parse(String text) throws InputException {
    if (Lines.hasOddQuotes(text)) {
      throw new InputException(NEVER_CLOSED);
    }
    try (MappingIterator<String[]> rows = rowReader.readValues(text)) {
      String[] row = rows.nextValue();
      if (rows.hasNextValue()) {
        throw new InputException("this is more than one record");
      }
      return row;
    } catch (JsonProcessingException e) {
      throw new InputException("not valid CSV: " + e.getOriginalMessage(), e);
    } catch (IOException | NoSuchElementException e) {
      throw new InputException("not valid CSV: " + e.getMessage(), e);
    }
  }

  private static void checkHeader(List<String> header) throws InputException {
    Set<String> seen = new HashSet<>();
    for (String column : header) {
      if (column.isEmpty()) {
        throw new InputException("column " + (seen.size() + 1) + " has no name; no line was read");
      }
      if (!seen.add(column)) {
        throw new InputException("column " + column + " is there twice; no line was read");
      }
    }
    if (!seen.contains("image_uri")) {
      throw new InputException(
          "the first line must name the columns and image_uri must be one of them; it names "
              + String.join(", ", header)
              + "; no line was read");
    }
  }

  private Draft draft(String where, List<String> header, String[] row) throws InputException {
    if (row.length != header.size()) {
      throw new InputException(
          "has " + row.length + " cells, but the first line names " + header.size() + " columns");
    }
    Map<String, String> known = new HashMap<>();
    Map<String, String> parameters = new HashMap<>();
    Map<String, String> metadata = new HashMap<>();
    for (int i = 0; i < row.length; i++) {
      String column = header.get(i);
      String cell = row[i];
      if (cell.isEmpty()) {
        continue;
      }
      switch (column) {
        case "image_uri", "request_id", "model", "model_version", "image_sha256", "deadline" ->
            known.put(column, cell);
        default -> {
          if (column.startsWith(PARAMETER_PREFIX)) {
            parameters.put(column.substring(PARAMETER_PREFIX.length()), cell);
          } else if (column.startsWith(METADATA_PREFIX)) {
            metadata.put(column.substring(METADATA_PREFIX.length()), cell);
          } else {
            metadata.put(column, cell);
          }
        }
      }
    }
    String image = known.getOrDefault("image_uri", "");
    if (image.isEmpty()) {
      throw new InputException("image_uri is empty");
    }
    return new Draft(
        where,
        image(image),
        known.getOrDefault("request_id", ""),
        known.getOrDefault("model", ""),
        known.getOrDefault("model_version", ""),
        known.getOrDefault("image_sha256", ""),
        known.getOrDefault("deadline", ""),
        parameters,
        metadata);
  }

  private ImageReference image(String text) throws InputException {
    if (Addresses.isAddress(text)) {
      return Addresses.parse(text);
    }
    try {
      return new ImageReference.File(file.resolveSibling(text));
    } catch (InvalidPathException e) {
      throw new InputException("image_uri is not a valid file name: " + e.getReason(), e);
    }
  }
}
