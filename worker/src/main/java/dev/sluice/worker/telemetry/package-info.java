/** Metrics, health and the HTTP surface. */
@NullMarked
package dev.sluice.worker.telemetry;

import org.jspecify.annotations.NullMarked;
