package dev.sluice.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.Output.Embedding;
import dev.sluice.worker.model.TaskException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LaneTest {
  private static final InferenceInput IMAGE = TestImages.sized(1, 1, 0, Map.of());

  @Test
  void closingWaitsForTheBatchThatIsRunning() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    Lane lane =
        lane(batch -> {
          running.countDown();
          awaitOpen(finish);
          return List.of(new Embedding(new float[] {1}));
        });
    CompletableFuture<List<Output>> answer =
        CompletableFuture.supplyAsync(() -> lane.infer(List.of(IMAGE)));
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    Thread closing = Thread.ofPlatform().start(lane::close);

    await().until(() -> closing.getState() == Thread.State.WAITING);
    assertThat(answer).isNotDone();
    finish.countDown();

    assertThat(closing.join(java.time.Duration.ofSeconds(10))).isTrue();
    assertThat(answer.get(10, TimeUnit.SECONDS)).hasSize(1);
    assertThatThrownBy(() -> lane.infer(List.of(IMAGE)))
        .isInstanceOfSatisfying(
            TaskException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INTERNAL));
    lane.close();
  }

  @Test
  void refusesATaskThatAnswersTooLittle() {
    assertThatIllegalStateException()
        .isThrownBy(() -> lane(batch -> List.of()).infer(List.of(IMAGE)))
        .withMessageContaining("0 outputs for 1 images");
  }

  @Test
  void refusesAnEmptyBatch() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lane(batch -> List.of()).infer(List.of()));
  }

  private interface Answer {
    List<Output> to(List<InferenceInput> batch);
  }

  private static Lane lane(Answer answer) {
    return new Lane(
        "test version 1",
        new ModelTask() {
          @Override
          public List<Geometry> geometries() {
            return List.of(new Geometry.Stretch(1, 1));
          }

          @Override
          public void validateParameters(Map<String, String> parameters) {}

          @Override
          public List<Output> infer(Map<String, Graph> graphs, List<InferenceInput> batch) {
            return answer.to(batch);
          }
        },
        Map.of());
  }

  private static void awaitOpen(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }
}
