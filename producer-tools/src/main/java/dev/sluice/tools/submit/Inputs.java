package dev.sluice.tools.submit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything the user named: arguments first, then the CSV files, which are read as streams.
 *
 * @param total how many inputs there are, usable or not
 */
record Inputs(List<Input> arguments, List<CsvInputs> csvFiles, long total) {

  static Inputs of(List<String> arguments, List<Path> csvFiles) throws InterruptedException {
    List<Input> named = new ArrayList<>(PathInputs.expand(arguments));
    List<CsvInputs> readable = new ArrayList<>();
    long total = 0;
    for (Path file : csvFiles) {
      CsvInputs inputs = new CsvInputs(file);
      try {
        total += inputs.count();
        readable.add(inputs);
      } catch (IOException e) {
        named.add(new Input.Rejected(file.toString(), "cannot be read: " + e));
      }
    }
    return new Inputs(List.copyOf(named), readable, total + named.size());
  }

  void forEach(Input.Consumer consumer) throws IOException, InterruptedException {
    for (Input argument : arguments) {
      consumer.accept(argument);
    }
    for (CsvInputs file : csvFiles) {
      file.forEach(consumer);
    }
  }
}
