/** Gives tests the servers that they ask for. */
@NullMarked
package dev.sluice.devstack.junit;

import org.jspecify.annotations.NullMarked;
