/** Real servers, started as processes or containers, for demo, up and the tests. */
@NullMarked
package dev.sluice.devstack;

import org.jspecify.annotations.NullMarked;
