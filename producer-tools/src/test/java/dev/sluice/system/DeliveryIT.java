package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.v1.Classification;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the contract promises about delivery, on the whole system: worker processes that are stopped
 * and killed, a real broker, a real registry.
 */
@WithDevstack
class DeliveryIT {
  private static final int REQUESTS = 2_000;
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final Duration DRAIN = Duration.ofSeconds(30);

  @TempDir private Path folder;

  private final KafkaCluster kafka;
  private final SchemaRegistry registry;
  private final FreshNames names;

  DeliveryIT(KafkaCluster kafka, SchemaRegistry registry, FreshNames names) {
    this.kafka = kafka;
    this.registry = registry;
    this.names = names;
  }

  @Test
  void aWorkerThatIsTerminatedHalfWayLeavesNothingOutAndRepeatsNothing() {
    Pipeline pipeline = Pipeline.create(kafka, registry, names, 4);
    Models models = Models.create(folder.resolve("models"));
    try (Requests requests = new Requests(pipeline);
        ResultsReader results = new ResultsReader(pipeline)) {
      List<String> sent = requests.sendColors(REQUESTS);
      try (WorkerProcess first = WorkerProcess.start("first", folder, pipeline.settings(models))) {
        results.awaitAnswered(REQUESTS / 2, LIMIT);
        assertThat(first.terminate(DRAIN)).as(first.logTail()).isZero();
      }
      try (WorkerProcess second =
          WorkerProcess.start("second", folder, pipeline.settings(models))) {
        results.awaitAnswered(REQUESTS, LIMIT);
        assertThat(second.terminate(DRAIN)).as(second.logTail()).isZero();
      }
      results.readToEnd();
      Account account = results.account(sent);
      System.out.println("SIGTERM half way: " + account);
      assertThat(account.missing()).isEmpty();
      assertThat(account.results()).isEqualTo(REQUESTS);
      assertThat(results.all()).allSatisfy(DeliveryIT::isRight);
    }
  }

  /** The image reached the model: the answer is the colour that was sent. */
  private static void isRight(InferenceResult result) {
    assertThat(result.getStatus()).as("%s", result).isEqualTo(Status.SUCCEEDED);
    assertThat(result.getOutput()).isInstanceOf(Classification.class);
    Classification answer = (Classification) result.getOutput();
    assertThat(answer.getClasses().getFirst().getLabel())
        .isEqualTo(Requests.label(result.getRequestId()));
  }
}
