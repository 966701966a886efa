/** Commands that look into the dead letters. */
@NullMarked
package dev.sluice.tools.dlt;

import org.jspecify.annotations.NullMarked;
