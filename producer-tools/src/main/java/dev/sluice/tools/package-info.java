/** The sluice command line. */
@NullMarked
package dev.sluice.tools;

import org.jspecify.annotations.NullMarked;
