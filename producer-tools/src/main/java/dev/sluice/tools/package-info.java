/**
 * The {@code sluice} command line: the root command and what its commands share. Each command is a
 * class of its own, each group of commands a package below this one.
 */
@NullMarked
package dev.sluice.tools;

import org.jspecify.annotations.NullMarked;
