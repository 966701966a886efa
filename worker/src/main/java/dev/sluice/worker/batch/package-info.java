/** Micro-batching: the policy (pure) and the batcher. */
@NullMarked
package dev.sluice.worker.batch;

import org.jspecify.annotations.NullMarked;
