/** Benchmarks of the lanes' own work, beside what they measure. */
@NullMarked
package dev.sluice.worker.inference;

import org.jspecify.annotations.NullMarked;
