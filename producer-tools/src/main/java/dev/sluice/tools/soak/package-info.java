/**
 * {@code sluice soak}: a system with a seeded schedule of faults, and an account of every request.
 */
@NullMarked
package dev.sluice.tools.soak;

import org.jspecify.annotations.NullMarked;
