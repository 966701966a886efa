package dev.sluice.tools.results;

import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Status;
import java.util.Set;
import java.util.function.Predicate;

/** Which results are wanted. An empty set means any. Immutable. */
public record ResultFilter(Set<Status> statuses, Set<String> models, Set<String> requestIds)
    implements Predicate<InferenceResult> {

  public ResultFilter {
    statuses = Set.copyOf(statuses);
    models = Set.copyOf(models);
    requestIds = Set.copyOf(requestIds);
  }

  @Override
  public boolean test(InferenceResult result) {
    return (statuses.isEmpty() || statuses.contains(result.getStatus()))
        && (models.isEmpty() || (result.getModel() != null && models.contains(result.getModel())))
        && (requestIds.isEmpty() || requestIds.contains(result.getRequestId()));
  }
}
