/** ONNX Runtime: the model repository, sessions, lanes and what each task makes of the tensors. */
@NullMarked
package dev.sluice.worker.inference;

import org.jspecify.annotations.NullMarked;
