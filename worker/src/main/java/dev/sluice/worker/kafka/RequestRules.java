package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

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
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The contract's rules for a request that Avro could decode, in one place. Pure.
 *
 * <p>Names of models and versions become folder names, so they are letters, digits, dots, dashes
 * and underscores, begin with a letter or a digit and have at most 128 characters. A URI has at
 * most 8192 characters, as common HTTP servers take them; its scheme and address are the fetcher's
 * to judge. Bytes that are no image are the decoder's.
 */
final class RequestRules {
  private static final int MAX_REQUEST_ID = 256;
  private static final int MAX_URI = 8192;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-fA-F]{64}");

  private final String defaultModel;

  /**
   * @param defaultModel the model of a request that names none
   */
  RequestRules(String defaultModel) {
    this.defaultModel = defaultModel;
  }

  /**
   * Makes a task of the request.
   *
   * @throws TaskException INVALID_REQUEST, which says the rule that is broken
   */
  ImageTask apply(
      InferenceRequest request, Position position, Attempt attempt, Instant submittedAt) {
    requestId(request.getRequestId());
    return new ImageTask(
        position,
        request.getRequestId(),
        source(request.getImageUri(), request.getImageBytes()),
        integrity(request.getImageSha256()),
        new ModelSelector(model(request.getModel()), version(request.getModelVersion())),
        request.getParameters(),
        deadline(request.getDeadline()),
        request.getMetadata(),
        submittedAt,
        attempt);
  }

  private static void requestId(String requestId) {
    if (requestId.isEmpty()) {
      throw invalid("request_id is empty; give each request an id of its own");
    }
    if (requestId.length() > MAX_REQUEST_ID) {
      throw invalid(
          "request_id has %d characters, more than %d"
              .formatted(requestId.length(), MAX_REQUEST_ID));
    }
  }

  private static ImageSource source(@Nullable String uri, @Nullable ByteBuffer bytes) {
    if (uri == null && bytes == null) {
      throw invalid("neither image_uri nor image_bytes is set; set one of them");
    }
    if (uri != null && bytes != null) {
      throw invalid("both image_uri and image_bytes are set; set one of them");
    }
    if (uri != null) {
      return remote(uri);
    }
    return inline(bytes);
  }

  private static ImageSource remote(String uri) {
    if (uri.isBlank()) {
      throw invalid("image_uri is blank");
    }
    if (uri.length() > MAX_URI) {
      throw invalid("image_uri has %d characters, more than %d".formatted(uri.length(), MAX_URI));
    }
    return new ImageSource.Remote(uri);
  }

  private static ImageSource inline(@Nullable ByteBuffer bytes) {
    ByteBuffer view = requireNonNull(bytes, "bytes is null").duplicate();
    if (view.hasArray() && view.arrayOffset() == 0 && view.remaining() == view.array().length) {
      return new ImageSource.Inline(view.array());
    }
    byte[] copy = new byte[view.remaining()];
    view.get(copy);
    return new ImageSource.Inline(copy);
  }

  private static Integrity integrity(@Nullable String sha256) {
    if (sha256 == null) {
      return new Integrity.Unchecked();
    }
    if (!SHA256.matcher(sha256).matches()) {
      throw invalid("image_sha256 is not 64 hexadecimal digits");
    }
    return new Integrity.Sha256(sha256.toLowerCase(Locale.ROOT));
  }

  private String model(@Nullable String name) {
    if (name == null) {
      return defaultModel;
    }
    if (!NAME.matcher(name).matches()) {
      throw invalid("model is not a model's name (" + NAME.pattern() + ")");
    }
    return name;
  }

  private static ModelSelector.Version version(@Nullable String name) {
    if (name == null) {
      return new ModelSelector.Version.Serving();
    }
    if (!NAME.matcher(name).matches()) {
      throw invalid("model_version is not a version's name (" + NAME.pattern() + ")");
    }
    return new ModelSelector.Version.Named(name);
  }

  private static Deadline deadline(@Nullable Instant deadline) {
    return deadline == null ? new Deadline.None() : new Deadline.At(deadline);
  }

  private static TaskException invalid(String message) {
    return new TaskException(ErrorCode.INVALID_REQUEST, message);
  }
}
