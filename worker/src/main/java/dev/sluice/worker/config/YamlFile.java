package dev.sluice.worker.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads a YAML file as a flat list of settings, each with its line. It works on YAML's nodes, so
 * that no value is reinterpreted on the way: {@code 010} and {@code yes} stay what was written.
 */
final class YamlFile {
  private final Path file;
  private final List<Setting> settings = new ArrayList<>();
  private final List<Problem> problems;

  private YamlFile(Path file, List<Problem> problems) {
    this.file = file;
    this.problems = problems;
  }

  /** The file's settings; what is wrong with it is added to {@code problems}. */
  static List<Setting> read(Path file, List<Problem> problems) {
    YamlFile yaml = new YamlFile(file, problems);
    LoaderOptions options = new LoaderOptions();
    options.setMaxAliasesForCollections(0);
    options.setNestingDepthLimit(20);
    try (Reader reader = Files.newBufferedReader(file)) {
      Node root = new Yaml(options).compose(reader);
      if (root != null) {
        yaml.addRoot(root);
      }
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
      problems.add(new Problem(file + ":" + line + " is not YAML: " + e.getProblem()));
    } catch (YAMLException e) {
      problems.add(new Problem(file + " is not YAML: " + e.getMessage()));
    } catch (NoSuchFileException _) {
      problems.add(new Problem("there is no configuration file " + file));
    } catch (IOException e) {
      problems.add(new Problem("cannot read the configuration file " + file + ": " + e));
    }
    return yaml.settings;
  }

  private void addRoot(Node root) {
    if (root instanceof MappingNode mapping) {
      addMapping("", mapping);
    } else if (!root.getTag().equals(Tag.NULL)) {
      problems.add(new Problem(origin(root) + " is not a mapping of keys to values"));
    }
  }

  private void addMapping(String prefix, MappingNode mapping) {
    Set<String> seen = new HashSet<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
        problems.add(new Problem(origin(tuple.getKeyNode()) + ": a key is plain text"));
        continue;
      }
      String key = prefix + keyNode.getValue();
      if (seen.add(key)) {
        add(key, tuple.getValueNode());
      } else {
        problems.add(new Problem(key + " (" + origin(keyNode) + ") is there twice"));
      }
    }
  }

  private void add(String key, Node value) {
    switch (value) {
      case MappingNode mapping when !mapping.getValue().isEmpty() -> addMapping(key + ".", mapping);
      case MappingNode empty -> add(key, new RawValue.Nothing(), empty);
      case SequenceNode sequence -> addSequence(key, sequence);
      case ScalarNode scalar ->
          add(
              key,
              scalar.getTag().equals(Tag.NULL)
                  ? new RawValue.Nothing()
                  : new RawValue.Text(scalar.getValue()),
              scalar);
      default -> problems.add(new Problem(key + " (" + origin(value) + ") is not understood"));
    }
  }

  private void addSequence(String key, SequenceNode sequence) {
    List<String> texts = new ArrayList<>();
    for (Node element : sequence.getValue()) {
      if (element instanceof ScalarNode scalar) {
        texts.add(scalar.getValue());
      } else {
        problems.add(
            new Problem(key + " (" + origin(element) + ") is a list of plain values only"));
      }
    }
    add(key, new RawValue.Texts(texts), sequence);
  }

  private void add(String key, RawValue value, Node node) {
    settings.add(new Setting(key, value, origin(node)));
  }

  private Origin origin(Node node) {
    return new Origin.File(file, node.getStartMark().getLine() + 1);
  }
}
