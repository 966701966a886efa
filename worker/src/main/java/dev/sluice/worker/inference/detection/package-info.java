/**
 * Finding objects: how detectors write down what they found, non-maximum suppression, and boxes in
 * the image's own pixels. Everything but the task itself is pure.
 */
@NullMarked
package dev.sluice.worker.inference.detection;

import org.jspecify.annotations.NullMarked;
