/** Photographs as a person sees them, and what a model found drawn on top. */
@NullMarked
package dev.sluice.tools.picture;

import org.jspecify.annotations.NullMarked;
