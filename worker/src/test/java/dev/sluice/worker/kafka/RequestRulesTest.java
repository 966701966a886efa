package dev.sluice.worker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.v1.InferenceRequest;
import dev.sluice.worker.model.Attempt;
import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.ImageSource;
import dev.sluice.worker.model.ImageTask;
import dev.sluice.worker.model.Integrity;
import dev.sluice.worker.model.ModelSelector;
import dev.sluice.worker.model.Position;
import dev.sluice.worker.model.TaskException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RequestRulesTest {
  private static final Position POSITION = new Position("requests", 0, 7, 1);
  private static final Instant SENT = Instant.parse("2026-11-20T10:00:00Z");
  private final RequestRules rules = new RequestRules("signs");

  private static InferenceRequest.Builder valid() {
    return InferenceRequest.newBuilder().setRequestId("r-1").setImageUri("https://images/a.jpg");
  }

  @Test
  void everyFieldComesThrough() {
    ImageTask task =
        rules.apply(
            valid()
                .setImageSha256("AB".repeat(32))
                .setModel("plates.v2")
                .setModelVersion("3")
                .setParameters(Map.of("top_k", "5"))
                .setDeadline(SENT.plusSeconds(5))
                .setMetadata(Map.of("tenant", "t"))
                .build(),
            POSITION,
            new Attempt.First(),
            SENT);
    assertThat(task)
        .isEqualTo(
            new ImageTask(
                POSITION,
                "r-1",
                new ImageSource.Remote("https://images/a.jpg"),
                new Integrity.Sha256("ab".repeat(32)),
                new ModelSelector("plates.v2", new ModelSelector.Version.Named("3")),
                Map.of("top_k", "5"),
                new Deadline.At(SENT.plusSeconds(5)),
                Map.of("tenant", "t"),
                SENT,
                new Attempt.First()));
  }

  @Test
  void whatIsLeftOutHasItsDefault() {
    ImageTask task = rules.apply(valid().build(), POSITION, new Attempt.First(), SENT);
    assertThat(task.model())
        .isEqualTo(new ModelSelector("signs", new ModelSelector.Version.Serving()));
    assertThat(task.integrity()).isEqualTo(new Integrity.Unchecked());
    assertThat(task.deadline()).isEqualTo(new Deadline.None());
  }

  @Test
  void anInlineImageIsExactlyItsBytesWhereverTheBufferStands() {
    ByteBuffer amid = ByteBuffer.wrap(new byte[] {9, 1, 2, 3, 9}, 1, 3);
    ImageTask task =
        rules.apply(
            valid().setImageUri(null).setImageBytes(amid).build(),
            POSITION,
            new Attempt.First(),
            SENT);
    assertThat(((ImageSource.Inline) task.source()).bytes()).containsExactly(1, 2, 3);
  }

  @ParameterizedTest
  @MethodSource("brokenRules")
  void aBrokenRuleIsNamed(InferenceRequest request, String message) {
    assertThatThrownBy(() -> rules.apply(request, POSITION, new Attempt.First(), SENT))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
        .hasMessageContaining(message);
  }

  static Stream<Arguments> brokenRules() {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {1});
    return Stream.of(
        Arguments.of(valid().setRequestId("").build(), "request_id is empty"),
        Arguments.of(valid().setRequestId("x".repeat(257)).build(), "257 characters"),
        Arguments.of(valid().setImageBytes(bytes).build(), "both image_uri and image_bytes"),
        Arguments.of(valid().setImageUri(null).build(), "neither image_uri nor image_bytes"),
        Arguments.of(valid().setImageUri(" ").build(), "image_uri is blank"),
        Arguments.of(valid().setImageUri("h".repeat(8193)).build(), "8193 characters"),
        Arguments.of(valid().setImageSha256("ab").build(), "64 hexadecimal digits"),
        Arguments.of(valid().setImageSha256("zz".repeat(32)).build(), "64 hexadecimal digits"),
        Arguments.of(valid().setModel("../etc").build(), "model is not"),
        Arguments.of(valid().setModel("").build(), "model is not"),
        Arguments.of(valid().setModel("m".repeat(129)).build(), "model is not"),
        Arguments.of(valid().setModelVersion("1/2").build(), "model_version is not"));
  }

  @Test
  void theLimitsThemselvesAreAllowed() {
    assertThat(
            rules
                .apply(
                    valid().setRequestId("x".repeat(256)).setImageUri("h".repeat(8192)).build(),
                    POSITION,
                    new Attempt.First(),
                    SENT)
                .requestId())
        .hasSize(256);
  }
}
