package dev.sluice.tools.dlt;

import picocli.CommandLine.Command;

/** {@code sluice dlt}: a group of commands. */
@Command(
    name = "dlt",
    description = "Look at the requests that failed for good, and send them again.",
    subcommands = {DltList.class, DltShow.class, DltReplay.class, DltExport.class})
public final class DltCommand {}
