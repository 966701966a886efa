package dev.sluice.tools.submit;

import dev.sluice.tools.Durations;
import dev.sluice.tools.results.ResultRows;
import dev.sluice.v1.InferenceRequest;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Makes requests from drafts: the draft's own word goes before the command line's. Every request
 * carries the name of its image as metadata {@value #SOURCE}, unless the user gave it another, so
 * that results can be told apart and drawn upon. Thread-safe if {@code ids} is.
 */
final class RequestFactory {
  /** The metadata key under which results find their photograph again. */
  static final String SOURCE = ResultRows.SOURCE;

  private static final int MAX_REQUEST_ID = 256;

  private final RequestDefaults defaults;
  private final FileTransport files;
  private final Supplier<String> ids;
  private final InstantSource time;

  RequestFactory(
      RequestDefaults defaults, FileTransport files, Supplier<String> ids, InstantSource time) {
    this.defaults = defaults;
    this.files = files;
    this.ids = ids;
    this.time = time;
  }

  /**
   * Reads the image if it goes along.
   *
   * @throws InputException if no request can be made of this draft
   */
  InferenceRequest create(Draft draft) throws InputException {
    InferenceRequest.Builder request =
        InferenceRequest.newBuilder()
            .setRequestId(requestId(draft))
            .setParameters(merged(defaults.parameters(), draft.parameters()))
            .setMetadata(metadata(draft));
    String model = chosen(draft.model(), defaults.model());
    if (!model.isEmpty()) {
      request.setModel(model);
    }
    String version = chosen(draft.modelVersion(), defaults.modelVersion());
    if (!version.isEmpty()) {
      request.setModelVersion(version);
    }
    if (!draft.sha256().isEmpty()) {
      request.setImageSha256(draft.sha256());
    }
    String deadline = chosen(draft.deadline(), defaults.deadline());
    if (!deadline.isEmpty()) {
      request.setDeadline(instant(deadline));
    }
    FileTransport.Image image =
        switch (draft.image()) {
          case ImageReference.Address address ->
              new FileTransport.Image.Reference(address.uri().toString());
          case ImageReference.File file -> files.send(file.path());
        };
    switch (image) {
      case FileTransport.Image.Reference reference -> request.setImageUri(reference.uri());
      case FileTransport.Image.Bytes bytes -> request.setImageBytes(bytes.encoded());
    }
    return request.build();
  }

  private String requestId(Draft draft) throws InputException {
    String id = draft.requestId().isEmpty() ? defaults.idPrefix() + ids.get() : draft.requestId();
    if (id.length() > MAX_REQUEST_ID) {
      throw new InputException(
          "the request id has " + id.length() + " characters; at most 256 are allowed");
    }
    return id;
  }

  private Map<String, String> metadata(Draft draft) {
    Map<String, String> metadata = merged(defaults.metadata(), draft.metadata());
    metadata.putIfAbsent(SOURCE, draft.image().name());
    return metadata;
  }

  private Instant instant(String deadline) throws InputException {
    try {
      return Instant.parse(deadline);
    } catch (DateTimeException notAnInstant) {
      try {
        return time.instant().plus(Durations.parse(deadline));
      } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
        throw new InputException(
            "the deadline '"
                + deadline
                + "' is neither a duration like 30s nor an instant like 2026-11-20T12:00:00Z",
            e);
      }
    }
  }

  private static Map<String, String> merged(Map<String, String> low, Map<String, String> high) {
    Map<String, String> merged = new HashMap<>(low);
    merged.putAll(high);
    return merged;
  }

  private static String chosen(String own, String otherwise) {
    return own.isEmpty() ? otherwise : own;
  }
}
