package dev.sluice.tools.dlt;

import picocli.CommandLine.Command;

/** {@code sluice dlt}: a group of commands. */
@Command(
    name = "dlt",
    description = "Look at the requests that failed for good.",
    subcommands = {DltList.class, DltShow.class})
public final class DltCommand {}
