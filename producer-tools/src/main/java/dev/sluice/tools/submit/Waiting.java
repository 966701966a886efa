package dev.sluice.tools.submit;

import dev.sluice.tools.Progress;
import dev.sluice.tools.results.ResultEvent;
import dev.sluice.tools.results.ResultJoin;
import dev.sluice.tools.results.ResultReader;
import dev.sluice.v1.InferenceResult;
import java.time.Duration;
import java.util.function.Consumer;

/** Waits for the results of requests that have been sent. Used by one thread. */
final class Waiting {
  private static final Duration POLL = Duration.ofMillis(100);

  private final ResultReader reader;
  private final ResultJoin join;
  private final Progress progress;
  private final Consumer<InferenceResult> listener;

  /**
   * Waits for what {@code join} expects.
   *
   * @param listener told about the first result of each request
   */
  Waiting(
      ResultReader reader, ResultJoin join, Progress progress, Consumer<InferenceResult> listener) {
    this.reader = reader;
    this.join = join;
    this.progress = progress;
    this.listener = listener;
  }

  /** Waits for so long in all, and says whether every result has come. */
  boolean until(Duration limit) {
    return await(limit, false);
  }

  /** Waits as long as one result comes within {@code gap} of another, and says the same. */
  boolean whileTheyCome(Duration gap) {
    return await(gap, true);
  }

  private boolean await(Duration limit, boolean renewed) {
    int total = join.missing();
    progress.begin("answered", total);
    long begin = System.nanoTime();
    while (join.missing() > 0 && System.nanoTime() - begin < limit.toNanos()) {
      for (ResultEvent event : reader.poll(POLL)) {
        if (join.accept(event.result())) {
          progress.end();
          listener.accept(event.result());
          begin = renewed ? System.nanoTime() : begin;
        }
      }
      progress.update(total - join.missing(), 0);
    }
    progress.end();
    return join.missing() == 0;
  }
}
