package dev.sluice.worker.config;

import static java.util.Objects.requireNonNull;

/**
 * One key as somebody set it.
 *
 * @param key full name with dots
 */
record Setting(String key, RawValue value, Origin origin) {
  Setting {
    requireNonNull(key, "key is null");
    requireNonNull(value, "value is null");
    requireNonNull(origin, "origin is null");
  }
}
