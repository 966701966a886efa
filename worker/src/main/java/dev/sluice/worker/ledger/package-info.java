/** Which offsets are finished, what may be committed, how much is in flight. Pure. */
@NullMarked
package dev.sluice.worker.ledger;

import org.jspecify.annotations.NullMarked;
