/** Benchmarks of the codecs. */
@NullMarked
package dev.sluice.worker.kafka;

import org.jspecify.annotations.NullMarked;
