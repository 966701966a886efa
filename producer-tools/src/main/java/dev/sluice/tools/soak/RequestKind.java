package dev.sluice.tools.soak;

import com.google.errorprone.annotations.Immutable;
import dev.sluice.v1.Status;

/**
 * What a request is like, and so what must become of it. Of a thousand requests so many are of this
 * kind as its share says.
 */
enum RequestKind {
  /** A good image in the request itself. */
  INLINE(420, Ending.succeeded()),
  /** A good image at the image server. */
  ADDRESS(409, Ending.succeeded()),
  /** A good image that comes late. */
  LATE_ADDRESS(20, Ending.succeeded()),
  /**
   * A good image that comes after a few failures, often more than are tried in place: it takes the
   * retry topics.
   */
  UNSTEADY(5, Ending.succeeded()),
  /** A good image for the model that fails on others: its batch is split, it succeeds. */
  AMONG_POISON(40, Ending.succeeded()),
  /** An image that makes its model fail. */
  POISON_FOR_MODEL(12, Ending.failed("MODEL_FAILED")),
  /** Bytes that are no image, in the request itself. */
  BROKEN_INLINE(8, Ending.failed("IMAGE_CORRUPT")),
  /** Half an image, at the image server. */
  BROKEN_ADDRESS(8, Ending.failed("IMAGE_CORRUPT")),
  /** An address without an image. */
  ABSENT(8, Ending.failed("IMAGE_NOT_FOUND")),
  /** An address without an image until its dead letter is sent again: then there is one. */
  RESTORED(8, Ending.failed("IMAGE_NOT_FOUND")),
  /** An address that answers 503 whenever it is asked, at an origin that is well. */
  UNAVAILABLE(2, Ending.failed("IMAGE_UNAVAILABLE")),
  /** An image that the image server does not give out. */
  DENIED(8, Ending.failed("IMAGE_ACCESS_DENIED")),
  /** An address that workers must not visit. */
  FORBIDDEN(12, Ending.failed("URI_FORBIDDEN")),
  /** A model that nobody serves. */
  UNKNOWN_MODEL(8, Ending.failed("MODEL_NOT_FOUND")),
  /** Neither an image nor an address. */
  CONTRADICTION(8, Ending.failed("INVALID_REQUEST")),
  /** Bytes that are no request: there is nobody to answer, only a dead letter. */
  UNDECODABLE(12, Ending.buried("INVALID_REQUEST")),
  /** A deadline that has passed long ago. */
  EXPIRED(12, new Ending(Ending.Answer.EXPIRED, "DEADLINE_EXCEEDED"));

  private final int share;
  private final Ending ending;

  RequestKind(int share, Ending ending) {
    this.share = share;
    this.ending = ending;
  }

  int share() {
    return share;
  }

  Ending ending() {
    return ending;
  }

  /** How it must end when it is sent again from its dead letter. */
  Ending endingAfterReplay() {
    return this == RESTORED ? Ending.succeeded() : ending;
  }

  /** Whether it is there to fail. */
  boolean isPoison() {
    return ending.answer() != Ending.Answer.SUCCEEDED;
  }

  /**
   * How a request must end.
   *
   * @param answer its result
   * @param code its error code; empty for none
   */
  @Immutable
  record Ending(Answer answer, String code) {
    /** A request's result. */
    enum Answer {
      SUCCEEDED,
      FAILED,
      EXPIRED,
      /** There is none: what cannot be read cannot be answered. */
      NONE
    }

    static Ending succeeded() {
      return new Ending(Answer.SUCCEEDED, "");
    }

    static Ending failed(String code) {
      return new Ending(Answer.FAILED, code);
    }

    static Ending buried(String code) {
      return new Ending(Answer.NONE, code);
    }

    /** Whether there must be a dead letter. */
    boolean isDeadLetter() {
      return answer == Answer.FAILED || answer == Answer.NONE;
    }

    boolean hasResult() {
      return answer != Answer.NONE;
    }

    boolean is(Status status) {
      return answer.name().equals(status.name());
    }
  }
}
