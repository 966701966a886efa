package dev.sluice.tools.schemas;

import picocli.CommandLine.Command;

/** {@code sluice schemas}: a group of commands. */
@Command(
    name = "schemas",
    description =
        "Register the schemas of requests and results, or check them against the registry.",
    subcommands = {SchemasRegister.class, SchemasCheck.class})
public final class SchemasCommand {}
