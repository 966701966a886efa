package dev.sluice.tools.local;

import dev.sluice.tools.CommandException;
import dev.sluice.tools.KafkaOptions;
import dev.sluice.tools.dlt.DltCommand;
import dev.sluice.tools.schemas.SchemasCommand;
import dev.sluice.tools.topics.TopicsCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/**
 * Runs this program's own commands against servers that it has started: what a person would type.
 * Immutable.
 *
 * @param bootstrapServers the brokers
 * @param schemaRegistry the registry's URL
 * @param topics options that say the names of the topics
 */
public record OwnCommands(String bootstrapServers, String schemaRegistry, List<String> topics) {
  /** Copies the list. */
  public OwnCommands {
    topics = List.copyOf(topics);
  }

  /** Creates the topics and registers the schemas; throws when that fails. */
  public void prepare(int partitions) {
    run("create the topics", new TopicsCommand(), "create", "--partitions=" + partitions);
    run("register the schemas", new SchemasCommand(), "register");
  }

  /** Sends dead letters again; throws when that fails, and may then be called again to go on. */
  public void replay(String... options) {
    List<String> all = new ArrayList<>(List.of("replay"));
    all.addAll(List.of(options));
    run("send dead letters again", new DltCommand(), all.toArray(String[]::new));
  }

  /** Where Kafka and the registry are, for a command. */
  KafkaOptions kafkaOptions() {
    return CommandLine.populateCommand(new KafkaOptions(), kafkaArguments().toArray(String[]::new));
  }

  private void run(String what, Object command, String... arguments) {
    StringWriter said = new StringWriter();
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(kafkaArguments());
    all.addAll(topics);
    int exit =
        new CommandLine(command)
            .setOut(new PrintWriter(said))
            .setErr(new PrintWriter(said))
            .execute(all.toArray(String[]::new));
    if (exit != 0) {
      throw CommandException.failed("could not " + what + ": " + said);
    }
  }

  /** Options that leave nothing to the environment: these servers are meant and no others. */
  private List<String> kafkaArguments() {
    return List.of(
        "--bootstrap-servers=" + bootstrapServers,
        "--schema-registry=" + schemaRegistry,
        "--command-config=");
  }
}
