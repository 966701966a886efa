/**
 * What the stages hand to each other: immutable values and the closed lists of outcomes and errors.
 * Imports nothing but the JDK; nothing here waits but {@link ByteBudget}.
 */
@NullMarked
package dev.sluice.worker.model;

import org.jspecify.annotations.NullMarked;
