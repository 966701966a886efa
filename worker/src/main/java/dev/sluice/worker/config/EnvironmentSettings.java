package dev.sluice.worker.config;

import dev.sluice.worker.model.NearestName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Reads settings from environment variables. */
final class EnvironmentSettings {
  /** The launcher's and the command line's, not keys of the configuration. */
  private static final Set<String> OTHERS =
      Set.of("SLUICE_KAFKA_COMMAND_CONFIG", "SLUICE_HOME", "SLUICE_JAVA_HOME", "SLUICE_JAVA_OPTS");

  /** Read by logback.xml, which would take any other value for something else. */
  private static final Map<String, Set<String>> LOGGING =
      Map.of(
          "SLUICE_LOG_FORMAT", Set.of("text", "json"),
          "SLUICE_LOG_LEVEL", Set.of("ERROR", "WARN", "INFO", "DEBUG", "TRACE"));

  /**
   * What Kubernetes puts into every container of the namespace for a service called "sluice" or
   * "sluice-...".
   */
  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          "SLUICE_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)|SLUICE_PORT");

  private EnvironmentSettings() {}

  /** The variables' settings; variables that no key has are added to {@code problems}. */
  static List<Setting> read(Map<String, String> environment, List<Problem> problems) {
    Map<String, String> names = new TreeMap<>();
    Keys.ALL.forEach(key -> names.put(key.variable(), key.name()));
    List<Setting> settings = new ArrayList<>();
    new TreeMap<>(environment)
        .forEach((variable, value) -> {
          if (LOGGING.containsKey(variable)) {
            requireOneOf(LOGGING.getOrDefault(variable, Set.of()), variable, value, problems);
            return;
          }
          if (!variable.startsWith(Keys.VARIABLE_PREFIX)
              || OTHERS.contains(variable)
              || SERVICE_LINK.matcher(variable).matches()) {
            return;
          }
          String key = names.getOrDefault(variable, clientKey(variable));
          if (key.isEmpty()) {
            problems.add(
                new Problem(
                    "environment variable "
                        + variable
                        + " sets no known key"
                        + NearestName.hint(variable, names.keySet())));
          } else {
            settings.add(
                new Setting(key, new RawValue.Text(value), new Origin.Environment(variable)));
          }
        });
    return settings;
  }

  private static void requireOneOf(
      Set<String> words, String variable, String value, List<Problem> problems) {
    if (!words.contains(value)) {
      problems.add(
          new Problem(
              "environment variable "
                  + variable
                  + ": '"
                  + value
                  + "' is not one of "
                  + String.join(", ", new TreeSet<>(words))));
    }
  }

  /** SLUICE_KAFKA_PROPERTIES_SECURITY_PROTOCOL is kafka.properties.security.protocol. */
  private static String clientKey(String variable) {
    for (Keys.PassThrough mapping : Keys.PASS_THROUGH) {
      String prefix = Key.variable(mapping.name()) + "_";
      if (variable.startsWith(prefix) && variable.length() > prefix.length()) {
        String name = variable.substring(prefix.length()).toLowerCase(Locale.ROOT);
        return mapping.name() + "." + name.replace('_', '.');
      }
    }
    return "";
  }
}
