package dev.sluice.worker.inference.text;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Greedy decoding of connectionist temporal classification (A. Graves et al., 2006): the likeliest
 * class of each step, repeats taken together, blanks left out. Immutable; any thread may call it.
 */
final class CtcDecoder {
  private static final int BLANK = 0;

  /** By class; the blank's is empty. */
  private final List<String> characters;

  private CtcDecoder(List<String> characters) {
    this.characters = characters;
  }

  /**
   * The alphabet of a PP-OCR recognition graph: the blank, the dictionary, a space.
   *
   * @param dictionary one character a line, in the order of the graph's classes, as the model's
   *     metadata holds it; a line may be a space
   */
  static CtcDecoder ppOcr(String dictionary) {
    List<String> characters = new ArrayList<>();
    characters.add("");
    dictionary.lines().forEach(characters::add);
    characters.add(" ");
    return new CtcDecoder(List.copyOf(characters));
  }

  /** How many classes the graph has to give for each step. */
  int classes() {
    return characters.size();
  }

  /**
   * Reads one line.
   *
   * @param probabilities for each step the probability of each class
   * @param offset of the first step
   * @param steps how many
   * @return what it says; a step without a number says nothing
   */
  Reading decode(FloatBuffer probabilities, int offset, int steps) {
    StringBuilder text = new StringBuilder();
    double sum = 0;
    int count = 0;
    int previous = BLANK;
    for (int step = 0; step < steps; step++) {
      int start = offset + step * characters.size();
      int best = BLANK;
      float highest = 0;
      for (int i = 0; i < characters.size(); i++) {
        float probability = probabilities.get(start + i);
        if (probability > highest) {
          highest = probability;
          best = i;
        }
      }
      if (best != BLANK && best != previous) {
        text.append(characters.get(best));
        sum += highest;
        count++;
      }
      previous = best;
    }
    return new Reading(text.toString().strip(), count == 0 ? 0 : (float) (sum / count));
  }

  /**
   * What a line says.
   *
   * @param text without space around it; empty when nothing was read
   * @param score the mean probability of its characters
   */
  record Reading(String text, float score) {}
}
