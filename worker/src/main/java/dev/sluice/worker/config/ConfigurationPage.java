package dev.sluice.worker.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes docs/configuration.md from the table of keys. */
final class ConfigurationPage {
  private ConfigurationPage() {}

  /**
   * Writes the page.
   *
   * @param arguments the file to write
   */
  public static void main(String[] arguments) throws IOException {
    Files.writeString(Path.of(arguments[0]), text());
  }

  static String text() {
    StringBuilder page =
        new StringBuilder(
            """
            # Configuration of the worker

            <!-- Generated from the table of keys (dev.sluice.worker.config.Keys). After changing it:
                 mvn -q -pl worker -am test -Dtest=ConfigurationPageTest -Dsluice.write.docs=true -Dsurefire.failIfNoSpecifiedTests=false -->

            The worker reads, the later the stronger: defaults, YAML files, environment variables,
            `--set key=value`. In YAML a dot is one level of nesting:

            ```yaml
            http:
              port: 8080
            ```

            An environment variable is `SLUICE_` and the key in upper case with `_` for each dot:
            `SLUICE_HTTP_PORT=8080`. A list is a YAML list, or text with commas. Sizes are written
            `512KiB`, `32MiB`, `1GiB` (or `KB`, `MB`, `GB` for powers of ten), durations `250ms`,
            `10s`, `5m`, `1h`, `1d`. A key or a `SLUICE_` variable that is not below is an error, and
            everything that is wrong is reported at once. Two variables that are not keys:
            `SLUICE_LOG_LEVEL` (default `INFO`) and `SLUICE_LOG_FORMAT` (`text`, the default, or
            `json`). What Kubernetes sets for a service called `sluice` (`SLUICE_SERVICE_HOST` and the
            like) is ignored; a service called `sluice-http` would set `SLUICE_HTTP_PORT`, so give it
            another name or set `enableServiceLinks: false`.

            | key | type | default | what it does |
            |---|---|---|---|
            """);
    for (Key<?> key : Keys.ALL) {
      String byDefault = key.defaultText().isEmpty() ? "" : "`" + key.defaultText() + "`";
      page.append("| `%s` | %s | %s | ".formatted(key.name(), key.type().name(), byDefault));
      page.append(key.description()).append(" |\n");
    }
    page.append(
        """

        ## Settings of the Kafka clients

        These mappings go to the Kafka clients untouched, keys with dots and all:

        ```yaml
        kafka:
          properties:
            security.protocol: SASL_SSL
          consumer:
            max.poll.records: 200
        ```

        `SLUICE_KAFKA_PROPERTIES_SECURITY_PROTOCOL=SASL_SSL` is the same as an environment variable,
        and `--set kafka.properties.security.protocol=SASL_SSL` on the command line. Their values are
        never printed.

        | mapping | what it does |
        |---|---|
        """);
    for (Keys.PassThrough mapping : Keys.PASS_THROUGH) {
      page.append("| `").append(mapping.name()).append("` | ");
      page.append(mapping.description()).append(" |\n");
    }
    return page.toString();
  }
}
