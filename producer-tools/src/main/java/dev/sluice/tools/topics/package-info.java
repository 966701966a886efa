/** Commands that create and describe Sluice's topics. */
@NullMarked
package dev.sluice.tools.topics;

import org.jspecify.annotations.NullMarked;
