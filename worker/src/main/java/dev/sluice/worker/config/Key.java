package dev.sluice.worker.config;

import static java.util.Objects.requireNonNull;

import java.util.Locale;

/**
 * One line of the table of keys: everything there is to know of a setting.
 *
 * @param name with dots, as in the file
 * @param type what may stand behind it
 * @param defaultText what holds when nobody sets it, in the same notation; lists with commas
 * @param description for the generated page
 */
record Key<T>(String name, ValueType<T> type, String defaultText, String description) {
  Key {
    requireNonNull(name, "name is null");
    requireNonNull(type, "type is null");
    requireNonNull(defaultText, "defaultText is null");
    requireNonNull(description, "description is null");
  }

  /** The environment variable that sets it. */
  String variable() {
    return variable(name);
  }

  boolean isSecret() {
    return type.name().endsWith("(secret)");
  }

  static String variable(String name) {
    return Keys.VARIABLE_PREFIX + name.replace('.', '_').toUpperCase(Locale.ROOT);
  }
}
