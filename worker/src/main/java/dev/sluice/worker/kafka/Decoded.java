package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.v1.InferenceRequest;
import dev.sluice.worker.model.ImageTask;
import dev.sluice.worker.model.TaskException;

/** What a record's bytes turned out to be. */
sealed interface Decoded {
  /** A request that keeps the contract. */
  record Request(InferenceRequest request, ImageTask task) implements Decoded {
    public Request {
      requireNonNull(request, "request is null");
      requireNonNull(task, "task is null");
    }
  }

  /** A request that breaks the contract: it is answered, and it is a dead letter. */
  record Invalid(InferenceRequest request, TaskException reason) implements Decoded {
    public Invalid {
      requireNonNull(request, "request is null");
      requireNonNull(reason, "reason is null");
    }
  }

  /** Bytes that say nothing, not even whom to answer: a dead letter only. */
  record Undecodable(TaskException reason) implements Decoded {
    public Undecodable {
      requireNonNull(reason, "reason is null");
    }
  }
}
