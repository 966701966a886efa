/** Main and Worker: the page that builds the parts and wires the data path. */
@NullMarked
package dev.sluice.worker;

import org.jspecify.annotations.NullMarked;
