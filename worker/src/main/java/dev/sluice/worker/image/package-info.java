/** Image sources: fetching within bounds, the address policy, decoding. */
@NullMarked
package dev.sluice.worker.image;

import org.jspecify.annotations.NullMarked;
