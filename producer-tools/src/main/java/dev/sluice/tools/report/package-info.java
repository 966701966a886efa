/** The self-contained HTML page about a set of results. */
@NullMarked
package dev.sluice.tools.report;

import org.jspecify.annotations.NullMarked;
