/**
 * {@code sluice up} and {@code sluice demo}: the whole system on this machine, each server and each
 * worker a process of its own, and nothing left behind.
 */
@NullMarked
package dev.sluice.tools.local;

import org.jspecify.annotations.NullMarked;
