package dev.sluice.tools.topics;

import picocli.CommandLine.Command;

/** {@code sluice topics}: a group of commands. */
@Command(
    name = "topics",
    description = "Create and describe the topics that Sluice uses.",
    subcommands = {TopicsCreate.class, TopicsDescribe.class})
public final class TopicsCommand {}
