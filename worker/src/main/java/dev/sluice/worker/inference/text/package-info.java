/**
 * Reading text in two steps, as PP-OCR does: one graph finds lines, another reads them. Everything
 * between the graphs is pure: regions of a probability map, rotated rectangles, crops, decoding.
 */
@NullMarked
package dev.sluice.worker.inference.text;

import org.jspecify.annotations.NullMarked;
