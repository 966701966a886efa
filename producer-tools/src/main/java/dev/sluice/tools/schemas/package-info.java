/** Commands that bring the contract to the schema registry. */
@NullMarked
package dev.sluice.tools.schemas;

import org.jspecify.annotations.NullMarked;
