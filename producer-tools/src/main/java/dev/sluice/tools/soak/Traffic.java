package dev.sluice.tools.soak;

import dev.sluice.devstack.onnx.OnnxModels;
import dev.sluice.v1.InferenceRequest;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Which request has which number: a pure function of the seed, so that nothing about a request
 * needs to be kept to know what must become of it. Safe for any thread.
 */
final class Traffic {
  /** The header that says which request a record is, also where its bytes do not. */
  static final String HEADER = "soak-request";

  /** Keys that many requests share; the other requests have none. */
  static final int KEYS = 100;

  /** Long ago, whatever the clock says. */
  private static final Instant PAST = Instant.parse("2020-01-01T00:00:00Z");

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final int SHARES =
      Arrays.stream(RequestKind.values()).mapToInt(RequestKind::share).sum();
  private static final List<String> FORBIDDEN =
      List.of(
          "http://169.254.169.254/latest/meta-data/",
          "http://10.0.0.1/red.png",
          "file:///etc/passwd");

  private final long seed;
  private final int count;
  private final String imageServer;
  private final boolean endlessFailures;

  /**
   * @param endlessFailures whether there are requests of {@link RequestKind#UNAVAILABLE}
   * @param count how many requests there are; more are company
   * @param imageServer the image server's URL, which serves {@link Pictures}
   */
  Traffic(long seed, int count, String imageServer, boolean endlessFailures) {
    this.seed = seed;
    this.count = count;
    this.imageServer = imageServer;
    this.endlessFailures = endlessFailures;
  }

  /**
   * Whether a request is only there to keep the others company: good images, while the last of the
   * others wait. An origin that nothing but failing requests ask looks as if it were down for
   * everybody, and what looks so is left alone.
   */
  boolean isCompany(int number) {
    return number >= count;
  }

  /**
   * The number of the first request that is not among those whose absent images are put in place:
   * that happens once all of them have ended, and soon enough for faults to come after it.
   */
  int restorable() {
    return count / 2;
  }

  /** The numbers of the requests whose images are put in place. */
  IntStream restored() {
    return IntStream.range(0, restorable())
        .filter(number -> planned(number).kind() == RequestKind.RESTORED);
  }

  /**
   * A request.
   *
   * @param number counts from 0
   * @param kind what it is like
   * @param color the colour that a model that answers must see, in {@link OnnxModels#COLORS}
   * @param key its record's key; empty: none
   */
  record Planned(int number, RequestKind kind, String color, String key) {
    /** The key that its result must have. */
    String resultKey(String requestId) {
      return key.isEmpty() ? requestId : key;
    }
  }

  /** The request of a number. */
  Planned planned(int number) {
    SplittableRandom random = random(number);
    if (isCompany(number)) {
      return new Planned(number, RequestKind.ADDRESS, OnnxModels.COLORS.getFirst(), "");
    }
    RequestKind kind = kind(random.nextInt(SHARES));
    boolean tooLate = kind == RequestKind.RESTORED && number >= restorable();
    if (tooLate || (kind == RequestKind.UNAVAILABLE && !endlessFailures)) {
      kind = RequestKind.ABSENT;
    }
    String color = OnnxModels.COLORS.get(random.nextInt(OnnxModels.COLORS.size()));
    String key = random.nextBoolean() ? "key-" + random.nextInt(KEYS) : "";
    return new Planned(number, kind, kind == RequestKind.POISON_FOR_MODEL ? "red" : color, key);
  }

  private SplittableRandom random(int number) {
    return new SplittableRandom(seed ^ (GOLDEN * (number + 1)));
  }

  private static RequestKind kind(int card) {
    int left = card;
    for (RequestKind kind : RequestKind.values()) {
      left -= kind.share();
      if (left < 0) {
        return kind;
      }
    }
    throw new AssertionError("the shares add up to less than " + card);
  }

  /** The id of the request of a number: the number, and a part that only this seed gives it. */
  String requestId(int number) {
    return "soak-%07d-%s"
        .formatted(
            number,
            HexFormat.of().toHexDigits((int) new SplittableRandom(seed + number).nextLong()));
  }

  /** The number of the request of an id; empty when it is none of this traffic. */
  OptionalInt number(String requestId) {
    if (!requestId.matches("soak-\\d{7,9}-[0-9a-f]{8}")) {
      return OptionalInt.empty();
    }
    int number = Integer.parseInt(requestId.substring(5, requestId.lastIndexOf('-')));
    return requestId(number).equals(requestId) ? OptionalInt.of(number) : OptionalInt.empty();
  }

  /**
   * The bytes of a request's record: always the same ones.
   *
   * @param avro writes a request as its topic has it
   */
  byte[] value(Planned planned, Function<InferenceRequest, byte[]> avro) {
    if (planned.kind() == RequestKind.UNDECODABLE) {
      return undecodable(planned, avro);
    }
    return avro.apply(request(planned));
  }

  private InferenceRequest request(Planned planned) {
    InferenceRequest.Builder request =
        InferenceRequest.newBuilder()
            .setRequestId(requestId(planned.number()))
            .setMetadata(Map.of("kind", planned.kind().name()));
    String color = planned.color();
    switch (planned.kind()) {
      case INLINE -> request.setImageBytes(Pictures.of(color));
      case ADDRESS ->
          request
              .setImageUri(imageServer + Pictures.FOLDER + Pictures.file(color))
              .setModel(Models.COLORS);
      case LATE_ADDRESS ->
          request.setImageUri(
              imageServer + "/fault/delay/700" + Pictures.FOLDER + Pictures.file(color));
      case UNSTEADY -> request.setImageUri(imageServer + unsteady(planned));
      case AMONG_POISON, POISON_FOR_MODEL ->
          request
              .setImageBytes(Pictures.of(color))
              .setModel(
                  color.equals("red") && !planned.kind().isPoison()
                      ? Models.COLORS
                      : Models.FRAGILE);
      case BROKEN_INLINE -> request.setImageBytes(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));
      case BROKEN_ADDRESS -> request.setImageUri(imageServer + Pictures.FOLDER + Pictures.BROKEN);
      case ABSENT ->
          request.setImageUri(imageServer + Pictures.FOLDER + "absent-" + Pictures.file(color));
      case RESTORED ->
          request.setImageUri(imageServer + Pictures.FOLDER + Pictures.restoredFile(color));
      case UNAVAILABLE ->
          request.setImageUri(
              imageServer + "/fault/status/503" + Pictures.FOLDER + Pictures.file(color));
      case DENIED ->
          request.setImageUri(
              imageServer + "/fault/status/403" + Pictures.FOLDER + Pictures.file(color));
      case FORBIDDEN -> request.setImageUri(FORBIDDEN.get(planned.number() % FORBIDDEN.size()));
      case UNKNOWN_MODEL -> request.setImageBytes(Pictures.of(color)).setModel("nobody");
      case EXPIRED -> request.setImageBytes(Pictures.of(color)).setDeadline(PAST);
      case CONTRADICTION, UNDECODABLE -> {
        // Nothing: that is what is wrong with it.
      }
    }
    return request.build();
  }

  /**
   * The image server counts failures by path, so each of these requests has one of its own. Half of
   * them fail more often than is tried in place; the others ask to be left alone for so long that a
   * slow machine tries them once in each attempt, of which one or two may be used up by being held
   * for too long, so they fail less often.
   */
  private static String unsteady(Planned planned) {
    boolean asksForRest = planned.number() % 2 == 1;
    String path =
        "/fault/first/%d/fault/status/503".formatted(asksForRest ? 2 : 4)
            + Pictures.FOLDER
            + String.valueOf(planned.number()).replaceAll("(\\d)", "$1/")
            + Pictures.file(planned.color());
    return asksForRest ? path + "?header=Retry-After:1" : path;
  }

  /** Half of them bytes of nobody's, half of them a request whose end is missing. */
  private byte[] undecodable(Planned planned, Function<InferenceRequest, byte[]> avro) {
    if (planned.number() % 2 == 0) {
      byte[] noise = new byte[64];
      random(planned.number()).nextBytes(noise);
      noise[0] = 'x'; // Confluent's format begins with 0.
      return noise;
    }
    byte[] whole =
        avro.apply(
            InferenceRequest.newBuilder()
                .setRequestId(requestId(planned.number()))
                .setImageBytes(Pictures.of(planned.color()))
                .build());
    return Arrays.copyOf(whole, whole.length / 2);
  }
}
