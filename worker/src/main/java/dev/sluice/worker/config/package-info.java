/** The worker's configuration: records, validated as they are built. */
@NullMarked
package dev.sluice.worker.config;

import org.jspecify.annotations.NullMarked;
