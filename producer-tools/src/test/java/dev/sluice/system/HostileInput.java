package dev.sluice.system;

import dev.sluice.v1.InferenceRequest;
import dev.sluice.worker.model.ErrorCode;
import java.util.Map;

/**
 * Something that nobody should send, or that a worker might take for it.
 *
 * @param name says what is wrong with it; unique
 * @param sent how it is sent
 * @param expected what must come of it
 */
record HostileInput(String name, Sent sent, Expected expected) {
  /** How it is sent. */
  sealed interface Sent {
    /**
     * As a request that Avro can write.
     *
     * @param headers of the record
     */
    record Request(InferenceRequest request, Map<String, String> headers) implements Sent {}

    /** As bytes that no serializer wrote. */
    record Bytes(byte[] value) implements Sent {}

    /** As a record without a value. */
    record Tombstone() implements Sent {}
  }

  /** What must come of it. */
  sealed interface Expected {
    /** A result with status FAILED and a dead letter, both with this code. */
    record Failed(ErrorCode code) implements Expected {}

    /** A dead letter with this code, and no result: there is nobody to answer. */
    record DeadLetterOnly(ErrorCode code) implements Expected {}

    /** A result with status EXPIRED, and no dead letter. */
    record Expired() implements Expected {}

    /** A result with status SUCCEEDED whose best class is this: it only looks hostile. */
    record Succeeded(String label) implements Expected {}
  }
}
