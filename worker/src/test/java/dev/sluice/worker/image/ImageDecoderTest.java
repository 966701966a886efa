package dev.sluice.worker.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.sluice.devstack.Assets;
import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.DecodedImage;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.ImageInfo;
import dev.sluice.worker.model.Pixels;
import dev.sluice.worker.model.TaskException;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
  private static final Deadline NEVER = new Deadline.None();
  private static final ImageDecoder DECODER =
      new ImageDecoder(DecodeSettings.defaults(), InstantSource.system());
  private static final Geometry SAME_SIZE = new Geometry.Within(10_000, 1);

  @AfterAll
  static void closeDecoder() {
    DECODER.close();
  }

  record Sample(String name, byte[] encoded, String format) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Sample> opaqueFormats() {
    BufferedImage image = TestImages.quadrants(96, 64);
    BufferedImage palette = new BufferedImage(96, 64, BufferedImage.TYPE_BYTE_INDEXED);
    palette.getGraphics().drawImage(image, 0, 0, null);
    return Stream.of(
        new Sample("jpeg", TestImages.jpeg(image, 0.95f, false), "jpeg"),
        new Sample("progressive jpeg", TestImages.jpeg(image, 0.95f, true), "jpeg"),
        new Sample("png", TestImages.encode(image, "png"), "png"),
        new Sample("palette png", TestImages.encode(palette, "png"), "png"),
        new Sample("gif", TestImages.encode(palette, "gif"), "gif"),
        new Sample("bmp", TestImages.encode(image, "bmp"), "bmp"),
        new Sample("tiff", TestImages.encode(image, "tiff"), "tiff"),
        new Sample("big-endian tiff", TestImages.tiff(image, 1, ByteOrder.BIG_ENDIAN), "tiff"),
        new Sample("webp", TestImages.webp(image), "webp"));
  }

  @ParameterizedTest
  @MethodSource("opaqueFormats")
  void decodesEachFormatToTheSamePixels(Sample sample) throws InterruptedException {
    DecodedImage decoded = DECODER.decode(sample.encoded(), List.of(SAME_SIZE), NEVER);

    assertThat(decoded.info())
        .isEqualTo(new ImageInfo(96, 64, sample.format(), sample.encoded().length));
    assertQuadrants(decoded.renditions().getFirst(), 12);
  }

  /** It would refuse native memory to a process that has large models beside a small heap. */
  @Test
  void nativeMemoryIsNotCounted() {
    try (Mat mat = new Mat(100, 100, opencv_core.CV_8UC3)) {
      assertThat(mat.isNull()).isFalse();
      assertThat(Pointer.totalBytes()).isZero();
    }
  }

  @Test
  void decodesSixteenBitAndGrey() throws InterruptedException {
    byte[] sixteen = new byte[40 * 30 * 6];
    for (int i = 0; i < 40 * 30; i++) {
      ByteBuffer.wrap(sixteen, 6 * i, 6)
          .order(ByteOrder.nativeOrder())
          .putShort((short) 0x3000)
          .putShort((short) 0x9000)
          .putShort((short) 0xf000);
    }
    assertUniform(
        TestImages.openCv(".png", 40, 30, opencv_core.CV_16UC3, sixteen), 0xf0, 0x90, 0x30, 1);
    assertUniform(
        TestImages.openCv(".tiff", 40, 30, opencv_core.CV_16UC3, sixteen), 0xf0, 0x90, 0x30, 1);

    BufferedImage grey = new BufferedImage(40, 30, BufferedImage.TYPE_BYTE_GRAY);
    Arrays.fill(
        ((java.awt.image.DataBufferByte) grey.getRaster().getDataBuffer()).getData(), (byte) 0x77);
    for (String format : List.of("png", "jpeg", "bmp", "tiff")) {
      assertUniform(TestImages.encode(grey, format), 0x77, 0x77, 0x77, 1);
    }
  }

  @Test
  void decodesTheFourInksOfPrint() throws InterruptedException {
    assertUniform(TestImages.cmykJpeg(40, 30, 0, 0, 0, 0), 255, 255, 255, 4);
    assertUniform(TestImages.cmykJpeg(40, 30, 0, 255, 255, 0), 255, 0, 0, 4);
    assertUniform(TestImages.cmykJpeg(40, 30, 255, 0, 0, 0), 0, 255, 255, 4);
    assertUniform(TestImages.cmykJpeg(40, 30, 0, 0, 0, 255), 0, 0, 0, 4);
    assertUniform(TestImages.cmykJpeg(40, 30, 0, 0, 255, 128), 127, 127, 0, 6);
  }

  @Test
  void showsWhiteWhereAnImageIsTransparent() throws InterruptedException {
    byte[] bgra = new byte[32 * 8 * 4];
    for (int i = 0; i < 32 * 8; i++) {
      int alpha = i % 32 < 16 ? 0 : 128;
      System.arraycopy(new byte[] {0, 0, (byte) 200, (byte) alpha}, 0, bgra, 4 * i, 4);
    }
    for (String extension : List.of(".png", ".webp")) {
      byte[] encoded = TestImages.openCv(extension, 32, 8, opencv_core.CV_8UC4, bgra);
      Pixels pixels = only(encoded, SAME_SIZE);
      assertPixel(pixels, 4, 4, 255, 255, 255, 1);
      // 255 - 128 * (255 - c) / 255 for a red of 200.
      assertPixel(pixels, 24, 4, 227, 127, 127, 3);
    }
    BufferedImage gif = new BufferedImage(32, 8, BufferedImage.TYPE_INT_ARGB);
    for (int x = 16; x < 32; x++) {
      for (int y = 0; y < 8; y++) {
        gif.setRGB(x, y, 0xffc80000);
      }
    }
    Pixels pixels = only(TestImages.encode(gif, "gif"), SAME_SIZE);
    assertPixel(pixels, 4, 4, 255, 255, 255, 1);
    assertPixel(pixels, 24, 4, 200, 0, 0, 4);
  }

  record Turned(String format, int exif, byte[] encoded) {
    @Override
    public String toString() {
      return format + " " + exif;
    }
  }

  static Stream<Turned> orientations() {
    return IntStream.rangeClosed(1, 8)
        .boxed()
        .flatMap(exif -> {
          // 190 and 131 are no multiples of eight: the reduced decoding covers more.
          BufferedImage stored = TestImages.stored(TestImages.quadrants(190, 131), exif);
          byte[] little = TestImages.exif(exif, ByteOrder.LITTLE_ENDIAN);
          byte[] big = TestImages.exif(exif, ByteOrder.BIG_ENDIAN);
          int width = stored.getWidth();
          int height = stored.getHeight();
          byte[] jpeg = TestImages.jpeg(stored, 0.95f, false);
          return Stream.of(
              new Turned("jpeg", exif, TestImages.withExif(jpeg, little)),
              new Turned("jpeg, big-endian", exif, TestImages.withExif(jpeg, big)),
              new Turned(
                  "png", exif, TestImages.withChunk(TestImages.encode(stored, "png"), "eXIf", big)),
              new Turned(
                  "webp",
                  exif,
                  TestImages.withExifChunk(TestImages.webp(stored), width, height, little)),
              new Turned("tiff", exif, TestImages.tiff(stored, exif, ByteOrder.LITTLE_ENDIAN)));
        });
  }

  /** Reduced and whole decoding, each oriented, for each geometry. */
  @ParameterizedTest
  @MethodSource("orientations")
  void turnsTheImageAsAPersonSeesIt(Turned turned) throws InterruptedException {
    DecodedImage decoded =
        DECODER.decode(
            turned.encoded(),
            List.of(new Geometry.Stretch(160, 100), new Geometry.Within(190, 1)),
            NEVER);
    assertThat(decoded.info().width()).isEqualTo(190);
    assertThat(decoded.info().height()).isEqualTo(131);
    decoded.renditions().forEach(pixels -> assertQuadrants(pixels, 20));

    for (int divisor : new int[] {2, 4, 8}) {
      Pixels small = only(turned.encoded(), new Geometry.Stretch(190 / divisor, 131 / divisor));
      assertQuadrants(small, 40);
    }
  }

  static Stream<Geometry> geometries() {
    return Stream.of(
        new Geometry.Stretch(64, 64),
        new Geometry.Stretch(300, 17),
        new Geometry.Stretch(1000, 900),
        new Geometry.CenterCrop(64, 56, 48),
        new Geometry.CenterCrop(256, 224, 224),
        new Geometry.Letterbox(128, 128, 114),
        new Geometry.Letterbox(640, 96, 0),
        new Geometry.Within(160, 32),
        new Geometry.Within(5000, 1));
  }

  /**
   * A small bright square at known places of a dark image is looked for in the rendition, and the
   * place found is mapped back.
   */
  @ParameterizedTest
  @MethodSource("geometries")
  void mapsPointsOfARenditionBackToTheImage(Geometry geometry) throws InterruptedException {
    for (int exif : new int[] {1, 3, 6, 7}) {
      for (int[] place : new int[][] {{230, 150}, {300, 200}, {171, 260}}) {
        BufferedImage seen = new BufferedImage(501, 387, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = seen.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(place[0] - 20, place[1] - 20, 40, 40);
        graphics.dispose();
        byte[] encoded =
            TestImages.withExif(
                TestImages.jpeg(TestImages.stored(seen, exif), 0.95f, false),
                TestImages.exif(exif, ByteOrder.BIG_ENDIAN));

        Pixels pixels = only(encoded, geometry);

        double[] centre = centreOfLight(pixels);
        double tolerance = 0.6 + 0.25 * pixels.placement().scaleX();
        double toleranceY = 0.6 + 0.25 * pixels.placement().scaleY();
        assertThat(pixels.placement().imageX(centre[0]))
            .as("x of %s, exif %d, %s", geometry, exif, pixels)
            .isCloseTo(place[0], within(tolerance));
        assertThat(pixels.placement().imageY(centre[1]))
            .as("y of %s, exif %d, %s", geometry, exif, pixels)
            .isCloseTo(place[1], within(toleranceY));
      }
    }
  }

  @Test
  void laysALetterboxOnItsGround() throws InterruptedException {
    Pixels pixels =
        only(
            TestImages.encode(TestImages.quadrants(96, 64), "png"),
            new Geometry.Letterbox(96, 96, 114));
    assertPixel(pixels, 0, 0, 114, 114, 114, 0);
    assertPixel(pixels, 95, 15, 114, 114, 114, 0);
    assertPixel(pixels, 0, 16, 255, 0, 0, 0);
    assertPixel(pixels, 95, 79, 255, 255, 0, 0);
    assertPixel(pixels, 95, 80, 114, 114, 114, 0);
    assertThat(pixels.placement().imageY(16)).isZero();
  }

  @Test
  void keepsExtremeShapesSmall() throws InterruptedException {
    BufferedImage thread = new BufferedImage(60_000, 1, BufferedImage.TYPE_INT_RGB);
    thread.setRGB(30_000, 0, 0xffffff);
    byte[] encoded = TestImages.encode(thread, "png");

    Pixels crop = only(encoded, new Geometry.CenterCrop(256, 224, 224));
    assertThat(crop.placement().imageX(112)).isCloseTo(30_000, within(2.0));
    assertThat(only(encoded, new Geometry.Letterbox(640, 640, 114)).height()).isEqualTo(640);
    assertThat(only(encoded, new Geometry.Within(960, 32)).height()).isEqualTo(32);
    assertThat(only(encoded, new Geometry.Stretch(32, 32)).width()).isEqualTo(32);
  }

  /** Reduced decoding against decoding all of it and averaging areas, on a picture with detail. */
  @Test
  void reducedDecodingLooksLikeTheWholeScaledDown() throws InterruptedException {
    BufferedImage detail = detailed(1280, 960, 7);
    byte[] jpeg = TestImages.jpeg(detail, 0.9f, false);
    byte[] png = TestImages.encode(decodedByImageIo(jpeg), "png");
    for (int size : new int[] {160, 224, 320, 500}) {
      Geometry geometry = new Geometry.Stretch(size, size);
      assertThat(meanError(only(jpeg, geometry), only(png, geometry)))
          .as("mean absolute error at %d", size)
          .isLessThan(2.0);
    }
  }

  static List<Path> photographs() throws IOException {
    try (Stream<Path> files = Files.list(Assets.photographs())) {
      return files.sorted().toList();
    }
  }

  /** On real photographs, against the whole one scaled with Pillow's filter; 0.3 to 1.5 here. */
  @ParameterizedTest
  @MethodSource("photographs")
  void decodesRealPhotographs(Path file) throws InterruptedException, IOException {
    byte[] encoded = Files.readAllBytes(file);
    DecodedImage whole = DECODER.decode(encoded, List.of(SAME_SIZE), NEVER);
    Pixels pixels = whole.renditions().getFirst();
    assertThat(pixels.width()).isEqualTo(whole.info().width());
    assertThat(pixels.height()).isEqualTo(whole.info().height());

    Pixels small = only(encoded, new Geometry.Stretch(224, 224));
    assertThat(meanError(small, antialiased(pixels, 224, 224)))
        .as("mean absolute error of %s", file.getFileName())
        .isLessThan(2.0);
  }

  static Stream<Sample> broken() {
    byte[] jpeg = TestImages.jpeg(detailed(320, 240, 3), 0.9f, false);
    byte[] png = TestImages.encode(detailed(320, 240, 3), "png");
    byte[] corruptPng = png.clone();
    for (int i = png.length / 2; i < png.length / 2 + 40; i++) {
      corruptPng[i] ^= 0x5a;
    }
    byte[] noEntropy = Arrays.copyOf(jpeg, 700);
    noEntropy[698] = (byte) 0xff;
    noEntropy[699] = (byte) 0xd9;
    return Stream.of(
        new Sample("nothing", new byte[0], ""),
        new Sample(
            "text", "<html>no image</html>".getBytes(java.nio.charset.StandardCharsets.UTF_8), ""),
        new Sample("half a jpeg", Arrays.copyOf(jpeg, jpeg.length / 2), ""),
        new Sample("a jpeg without its last two bytes", Arrays.copyOf(jpeg, jpeg.length - 2), ""),
        new Sample(
            "half a progressive jpeg",
            Arrays.copyOf(TestImages.jpeg(detailed(320, 240, 3), 0.9f, true), 9000),
            ""),
        new Sample("half a png", Arrays.copyOf(png, png.length / 2), ""),
        new Sample("a png with wrong bytes", corruptPng, ""),
        new Sample("jpeg magic and zeros", Arrays.copyOf(new byte[] {-1, -40, -1}, 5000), ""),
        new Sample("half a webp", Arrays.copyOf(TestImages.webp(detailed(64, 64, 1)), 2000), ""),
        new Sample(
            "half a gif",
            Arrays.copyOf(TestImages.encode(TestImages.quadrants(200, 200), "gif"), 900),
            ""),
        new Sample(
            "half a bmp",
            Arrays.copyOf(TestImages.encode(TestImages.quadrants(200, 200), "bmp"), 9000),
            ""),
        new Sample(
            "half a tiff",
            Arrays.copyOf(TestImages.encode(TestImages.quadrants(200, 200), "tiff"), 9000),
            ""));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void refusesWhatIsBroken(Sample sample) {
    assertThatThrownBy(() -> only(sample.encoded(), SAME_SIZE))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_CORRUPT));
  }

  @Test
  void refusesBombsBeforeNativeCodeSeesThem() {
    assertThatThrownBy(() -> only(pngBomb(30_000, 30_000), SAME_SIZE))
        .isInstanceOfSatisfying(
            TaskException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_TOO_LARGE);
              assertThat(e).hasMessageContaining("30000 x 30000").hasMessageContaining("64000000");
            });
  }

  /** The second fence, in the library itself: what the environment was told before it loaded. */
  @Test
  void theLibraryHasTheLimitToo() {
    ImageHeader lie = new ImageHeader(Format.PNG, 10, 10, Orientation.UPRIGHT, false);
    assertThatThrownBy(
            () -> NativeDecoding.renditions(pngBomb(9_000, 9_000), lie, List.of(SAME_SIZE)))
        .isInstanceOfSatisfying(
            TaskException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_CORRUPT);
              assertThat(e).hasMessageContaining("cannot be decoded");
            });
  }

  @Test
  void aDecoderWithALargerLimitThanTheLibraryIsRefused() {
    assertThatThrownBy(
            () -> new ImageDecoder(new DecodeSettings(64_000_001, 1), InstantSource.system()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("64000000");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void mutatedImagesDecodeOrAreRefused(long seed) throws InterruptedException {
    Random random = new Random(seed);
    List<byte[]> originals = opaqueFormats().map(Sample::encoded).toList();
    int refused = 0;
    for (int round = 0; round < 300; round++) {
      byte[] mutated = originals.get(round % originals.size()).clone();
      for (int i = random.nextInt(8); i >= 0; i--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
      }
      try {
        Pixels pixels = only(mutated, new Geometry.Letterbox(64, 64, 114));
        assertThat(pixels.width()).isEqualTo(64);
      } catch (TaskException e) {
        refused++;
        assertThat(e.code())
            .as("seed %d round %d: %s", seed, round, e)
            .isIn(ErrorCode.IMAGE_CORRUPT, ErrorCode.IMAGE_TOO_LARGE);
      }
    }
    assertThat(refused).as("seed %d", seed).isPositive();
  }

  @Test
  void anInterruptedCallerDoesNotWaitForTheQueue() throws InterruptedException {
    try (ImageDecoder one =
        new ImageDecoder(new DecodeSettings(64_000_000, 1), InstantSource.system())) {
      byte[] slow = TestImages.encode(detailed(3000, 2000, 5), "png");
      List<Thread> before = manyThatDecode(one, slow);
      CountDownLatch ended = new CountDownLatch(2);
      List<Thread> callers =
          IntStream.range(0, 2)
              .mapToObj(_ ->
                  Thread.startVirtualThread(() -> {
                    try {
                      one.decode(slow, List.of(SAME_SIZE), NEVER);
                    } catch (InterruptedException e) {
                      ended.countDown();
                    }
                  }))
              .toList();
      await()
          .until(() -> callers.stream().allMatch(each -> each.getState() == Thread.State.WAITING));
      callers.forEach(Thread::interrupt);

      assertThat(ended.await(20, TimeUnit.SECONDS)).as("both were interrupted").isTrue();
      assertThat(before).as("others still decode").anyMatch(Thread::isAlive);
      before.forEach(Thread::interrupt);
      for (Thread each : before) {
        assertThat(each.join(Duration.ofSeconds(20))).isTrue();
      }
      assertThat(one.waiting()).isZero();
      assertThat(one.decode(TestImages.webp(TestImages.quadrants(8, 8)), List.of(SAME_SIZE), NEVER))
          .isNotNull();
    }
  }

  /** Callers that keep the only thread busy for seconds; nearly all of them wait by then. */
  private static List<Thread> manyThatDecode(ImageDecoder one, byte[] slow) {
    List<Thread> callers =
        IntStream.range(0, 60)
            .mapToObj(_ ->
                Thread.startVirtualThread(
                    new FutureTask<>(() -> one.decode(slow, List.of(SAME_SIZE), NEVER))))
            .toList();
    await().until(() -> one.waiting() >= 20);
    return callers;
  }

  @Test
  void aDeadlinePassesWhileTheOnlyThreadDecodesOthers() throws Exception {
    Instant start = Instant.parse("2026-11-20T10:00:00Z");
    AtomicReference<Instant> now = new AtomicReference<>(start);
    try (ImageDecoder one = new ImageDecoder(new DecodeSettings(64_000_000, 1), now::get)) {
      byte[] slow = TestImages.encode(detailed(3000, 2000, 5), "png");
      List<Thread> before = manyThatDecode(one, slow);
      FutureTask<DecodedImage> late =
          new FutureTask<>(
              () -> one.decode(slow, List.of(SAME_SIZE), new Deadline.At(start.plusMillis(5))));
      Thread.startVirtualThread(late);
      await().until(() -> one.waiting() >= 2 && late.state() == FutureTask.State.RUNNING);
      now.set(start.plusMillis(6));

      assertThatThrownBy(() -> late.get(20, TimeUnit.SECONDS))
          .cause()
          .isInstanceOfSatisfying(
              TaskException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED));
      assertThat(before).as("others still decode").anyMatch(Thread::isAlive);
      before.forEach(Thread::interrupt);
    }
  }

  @Test
  void saysHowMuchMemoryRenditionsNeed() throws InterruptedException {
    List<Geometry> all = geometries().toList();
    DecodedImage decoded =
        DECODER.decode(TestImages.webp(TestImages.quadrants(501, 387)), all, NEVER);
    long actual = decoded.renditions().stream().mapToLong(pixels -> pixels.rgb().length).sum();
    assertThat(ImageDecoder.renditionBytes(all)).isGreaterThanOrEqualTo(actual);
  }

  private static Pixels only(byte[] encoded, Geometry geometry) throws InterruptedException {
    return DECODER.decode(encoded, List.of(geometry), NEVER).renditions().getFirst();
  }

  private static void assertUniform(byte[] encoded, int red, int green, int blue, int tolerance)
      throws InterruptedException {
    Pixels pixels = only(encoded, SAME_SIZE);
    assertPixel(pixels, 0, 0, red, green, blue, tolerance);
    assertPixel(pixels, 39, 29, red, green, blue, tolerance);
  }

  private static void assertQuadrants(Pixels pixels, int tolerance) {
    int x = pixels.width() / 4;
    int y = pixels.height() / 4;
    assertPixel(pixels, x, y, 255, 0, 0, tolerance);
    assertPixel(pixels, 3 * x, y, 0, 255, 0, tolerance);
    assertPixel(pixels, x, 3 * y, 0, 0, 255, tolerance);
    assertPixel(pixels, 3 * x, 3 * y, 255, 255, 0, tolerance);
  }

  private static void assertPixel(
      Pixels pixels, int x, int y, int red, int green, int blue, int tolerance) {
    int at = (y * pixels.width() + x) * 3;
    int[] expected = {red, green, blue};
    for (int channel = 0; channel < 3; channel++) {
      assertThat(pixels.rgb()[at + channel] & 0xff)
          .as("channel %d at (%d, %d) of %s", channel, x, y, pixels)
          .isCloseTo(expected[channel], within(tolerance));
    }
  }

  private static double[] centreOfLight(Pixels pixels) {
    double weight = 0;
    double x = 0;
    double y = 0;
    for (int i = 0; i < pixels.width() * pixels.height(); i++) {
      int level = pixels.rgb()[3 * i] & 0xff;
      // Compression leaves a little noise in the dark, and a letterbox's ground is 114.
      if (level > 120) {
        weight += level;
        x += level * (i % pixels.width() + 0.5);
        int row = i / pixels.width();
        y += level * (row + 0.5);
      }
    }
    return new double[] {x / weight, y / weight};
  }

  private static double meanError(Pixels one, Pixels other) {
    long sum = 0;
    for (int i = 0; i < one.rgb().length; i++) {
      sum += Math.abs((one.rgb()[i] & 0xff) - (other.rgb()[i] & 0xff));
    }
    return (double) sum / one.rgb().length;
  }

  /** Waves of many frequencies and some noise, as a photograph has. */
  static BufferedImage detailed(int width, int height, long seed) {
    Random random = new Random(seed);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double wave = Math.sin(x * 0.05) + Math.sin(y * 0.11) + Math.sin((x + y) * 0.31);
        int level = (int) Math.clamp(128 + 35 * wave + 12 * random.nextGaussian(), 0.0, 255.0);
        image.setRGB(x, y, level << 16 | (255 - level) << 8 | (level / 2 + 60));
      }
    }
    return image;
  }

  /** What Pillow's BILINEAR does: a triangle as wide as one pixel of the result on either side. */
  private static Pixels antialiased(Pixels pixels, int width, int height) {
    double[][] across = new double[pixels.height() * width][3];
    double[][] weights = triangle(pixels.width(), width);
    for (int y = 0; y < pixels.height(); y++) {
      for (int x = 0; x < width; x++) {
        for (int from = 0; from < pixels.width(); from++) {
          double weight = weights[x][from];
          for (int channel = 0; weight > 0 && channel < 3; channel++) {
            int level = pixels.rgb()[(y * pixels.width() + from) * 3 + channel] & 0xff;
            across[y * width + x][channel] += weight * level;
          }
        }
      }
    }
    byte[] rgb = new byte[width * height * 3];
    double[][] down = triangle(pixels.height(), height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int channel = 0; channel < 3; channel++) {
          double level = 0;
          for (int from = 0; from < pixels.height(); from++) {
            level += down[y][from] * across[from * width + x][channel];
          }
          rgb[(y * width + x) * 3 + channel] = (byte) Math.round(level);
        }
      }
    }
    return new Pixels(width, height, rgb, pixels.placement());
  }

  private static double[][] triangle(int from, int to) {
    double scale = Math.max(1, (double) from / to);
    double[][] weights = new double[to][from];
    for (int i = 0; i < to; i++) {
      double centre = (i + 0.5) * from / to;
      for (int j = 0; j < from; j++) {
        weights[i][j] = Math.max(0, 1 - Math.abs(j + 0.5 - centre) / scale);
      }
      double sum = Arrays.stream(weights[i]).sum();
      for (int j = 0; j < from; j++) {
        weights[i][j] /= sum;
      }
    }
    return weights;
  }

  private static BufferedImage decodedByImageIo(byte[] jpeg) {
    try {
      return javax.imageio.ImageIO.read(new java.io.ByteArrayInputStream(jpeg));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** A few hundred bytes that say they are gigabytes: rows of zeros, deflated. */
  private static byte[] pngBomb(int width, int height) {
    java.util.zip.Deflater deflater = new java.util.zip.Deflater(9);
    deflater.setInput(new byte[1 << 20]);
    deflater.finish();
    byte[] data = new byte[1 << 14];
    int length = deflater.deflate(data);
    deflater.end();
    byte[] header =
        ByteBuffer.allocate(13)
            .putInt(width)
            .putInt(height)
            .put(new byte[] {8, 2, 0, 0, 0})
            .array();
    byte[] chunks = TestImages.chunk("IHDR", header);
    byte[] pixels = TestImages.chunk("IDAT", Arrays.copyOf(data, length));
    byte[] end = TestImages.chunk("IEND", new byte[0]);
    return ByteBuffer.allocate(8 + chunks.length + pixels.length + end.length)
        .putLong(0x89504e470d0a1a0aL)
        .put(chunks)
        .put(pixels)
        .put(end)
        .array();
  }
}
