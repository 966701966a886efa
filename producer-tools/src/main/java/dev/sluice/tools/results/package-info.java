/** {@code sluice results}: reading, joining, filtering and printing result events. */
@NullMarked
package dev.sluice.tools.results;

import org.jspecify.annotations.NullMarked;
