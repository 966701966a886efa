/** Small ONNX models, written without any ONNX library, whose right answers can be worked out. */
@NullMarked
package dev.sluice.devstack.onnx;

import org.jspecify.annotations.NullMarked;
