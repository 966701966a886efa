/**
 * {@code sluice bench}: what a worker reaches of what the hardware gives, both measured in one run.
 */
@NullMarked
package dev.sluice.tools.bench;

import org.jspecify.annotations.NullMarked;
