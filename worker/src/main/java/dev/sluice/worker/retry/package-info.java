/** What to do with a request that failed. Pure. */
@NullMarked
package dev.sluice.worker.retry;

import org.jspecify.annotations.NullMarked;
