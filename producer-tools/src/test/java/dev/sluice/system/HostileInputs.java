package dev.sluice.system;

import static dev.sluice.worker.model.ErrorCode.IMAGE_ACCESS_DENIED;
import static dev.sluice.worker.model.ErrorCode.IMAGE_CORRUPT;
import static dev.sluice.worker.model.ErrorCode.IMAGE_NOT_FOUND;
import static dev.sluice.worker.model.ErrorCode.IMAGE_TOO_LARGE;
import static dev.sluice.worker.model.ErrorCode.IMAGE_UNAVAILABLE;
import static dev.sluice.worker.model.ErrorCode.INVALID_REQUEST;
import static dev.sluice.worker.model.ErrorCode.MODEL_FAILED;
import static dev.sluice.worker.model.ErrorCode.MODEL_NOT_FOUND;
import static dev.sluice.worker.model.ErrorCode.URI_FORBIDDEN;

import dev.sluice.system.HostileInput.Expected;
import dev.sluice.system.HostileInput.Sent;
import dev.sluice.tools.results.Results;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.InferenceResult;
import dev.sluice.worker.model.ErrorCode;
import java.awt.Color;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * The hostile set: what a producer, or whoever owns a server that a producer points to, may send,
 * and what must come of each. The worker takes images of at most 2 MiB and a million pixels, waits
 * for one as long as it does by default, and may read from what {@link HostilePlaces} allows.
 */
final class HostileInputs {
  /** The model whose scores for a red image are not numbers. */
  static final String NOT_A_NUMBER_ON_RED = "not-a-number-on-red";

  /** The model that fails inside the runtime on a red image. */
  static final String FAILS_ON_RED = "fails-on-red";

  /** The detector, which takes a threshold. */
  static final String DETECTOR = "detector";

  private static final byte[] RED = HostileImages.png(Color.RED, 64, 48);
  private static final byte[] JPEG = HostileImages.noisyJpeg();
  private static final byte[] PNG = HostileImages.noisyPng();
  private static final byte[] GIF = HostileImages.gif(Color.RED);
  private static final byte[] BMP = HostileImages.bmp(Color.RED);
  private static final byte[] TIFF = HostileImages.tiff(Color.RED);

  private final HostilePlaces places;
  private final List<HostileInput> inputs = new ArrayList<>();

  private HostileInputs(HostilePlaces places) {
    this.places = places;
  }

  static List<HostileInput> all(HostilePlaces places) {
    HostileInputs all = new HostileInputs(places);
    all.images();
    all.servers();
    all.redirects();
    all.addresses();
    all.filesAndObjects();
    all.requests();
    all.models();
    all.records();
    return List.copyOf(all.inputs);
  }

  private void images() {
    image("no bytes", IMAGE_CORRUPT, new byte[0]);
    image("one byte", IMAGE_CORRUPT, new byte[] {(byte) 0xff});
    image("a JPEG's first three bytes", IMAGE_CORRUPT, new byte[] {-1, (byte) 0xd8, -1});
    image("a PNG's signature alone", IMAGE_CORRUPT, HostileImages.beginning(PNG, 2));
    for (int percent : new int[] {10, 50, 99}) {
      image("JPEG cut at " + percent + " %", IMAGE_CORRUPT, HostileImages.beginning(JPEG, percent));
      image("PNG cut at " + percent + " %", IMAGE_CORRUPT, HostileImages.beginning(PNG, percent));
    }
    byte[] progressive = HostileImages.progressiveJpeg();
    image("progressive JPEG cut at 70 %", IMAGE_CORRUPT, HostileImages.beginning(progressive, 70));
    image("GIF cut at 50 %", IMAGE_CORRUPT, HostileImages.beginning(GIF, 50));
    image("BMP cut at 50 %", IMAGE_CORRUPT, HostileImages.beginning(BMP, 50));
    image("TIFF cut at 50 %", IMAGE_CORRUPT, HostileImages.beginning(TIFF, 50));
    image("PNG with random bytes in its middle", IMAGE_CORRUPT, HostileImages.damaged(PNG));
    image("PNG with a wrong checksum", IMAGE_CORRUPT, HostileImages.pngWithWrongChecksum());
    image("PNG with half of its pixels", IMAGE_CORRUPT, HostileImages.pngWithHalfItsPixels());
    image("PNG without pixels", IMAGE_CORRUPT, HostileImages.pngWithoutPixels());
    image("PNG with a chunk of 2 GiB", IMAGE_CORRUPT, HostileImages.pngWithChunkOf(-1 >>> 1));
    image("PNG with a chunk of 4 GiB", IMAGE_CORRUPT, HostileImages.pngWithChunkOf(-1));
    image("PNG of 0 x 0", IMAGE_CORRUPT, HostileImages.pngSaying(0, 0));
    image("PNG of 2^32-1 x 1", IMAGE_CORRUPT, HostileImages.pngSaying(-1, 1));
    image("PNG of 2^31-1 squared", IMAGE_TOO_LARGE, HostileImages.pngSaying(-1 >>> 1, -1 >>> 1));
    image("PNG bomb of 30000 x 30000", IMAGE_TOO_LARGE, HostileImages.pngBomb(30_000, 30_000));
    image("PNG of 1000 x 1001", IMAGE_TOO_LARGE, HostileImages.pngBomb(1_000, 1_001));
    seen("PNG whose data inflates to 200 MiB", "red", HostileImages.pngInflatingTo(200));
    seen("PNG whose profile inflates to 200 MiB", "red", HostileImages.pngWithProfileOf(200));
    image("JPEG without a frame", IMAGE_CORRUPT, HostileImages.jpegWithoutFrame());
    image("JPEG of 0 x 0", IMAGE_CORRUPT, HostileImages.jpegSaying(0, 0));
    image("JPEG of 65535 x 65535", IMAGE_TOO_LARGE, HostileImages.jpegSaying(65_535, 65_535));
    image("JPEG of 300 scans", IMAGE_CORRUPT, HostileImages.jpegOfScans(300));
    image("GIF of 0 x 0", IMAGE_CORRUPT, HostileImages.gifSaying(0, 0));
    image("GIF frame over its screen", IMAGE_CORRUPT, HostileImages.gifSaying(8, 8));
    image("GIF of 65535 x 65535", IMAGE_TOO_LARGE, HostileImages.gifWithFrameOf(65_535, 65_535));
    seen("GIF of two frames shows the first", "red", HostileImages.animatedGif());
    image("BMP of 0 x 0", IMAGE_CORRUPT, HostileImages.bmpSaying(0, 0));
    image("BMP of negative width", IMAGE_CORRUPT, HostileImages.bmpSaying(-64, 48));
    image("BMP of height -2^31", IMAGE_CORRUPT, HostileImages.bmpSaying(64, Integer.MIN_VALUE));
    image(
        "BMP of 30000 x 30000, truncated", IMAGE_CORRUPT, HostileImages.bmpSaying(30_000, 30_000));
    image("BMP of 65535 bits a pixel", IMAGE_CORRUPT, HostileImages.bmpOfBits(65_535));
    image("WebP header alone", IMAGE_CORRUPT, HostileImages.webpHeader());
    image("WebP of 0 x 0", IMAGE_CORRUPT, HostileImages.webpSaying(0, 0));
    image("WebP of 16383 x 16383", IMAGE_TOO_LARGE, HostileImages.webpSaying(16_383, 16_383));
    image("WebP canvas of 2^48 pixels", IMAGE_TOO_LARGE, HostileImages.webpOfLargestCanvas());
    image("TIFF of 0 x 0", IMAGE_CORRUPT, HostileImages.tiffSaying(256, 0));
    image("TIFF of width 2^31-1", IMAGE_TOO_LARGE, HostileImages.tiffSaying(256, -1 >>> 1));
    image("TIFF of width 2^32-1", IMAGE_CORRUPT, HostileImages.tiffSaying(256, -1));
    image("TIFF strip outside of it", IMAGE_CORRUPT, HostileImages.tiffSaying(273, 1 << 30));
    image("TIFF strip of 4 GiB", IMAGE_CORRUPT, HostileImages.tiffSaying(279, -1));
    image("TIFF of 2^31 bits a sample", IMAGE_CORRUPT, HostileImages.tiffSaying(258, 1 << 31));
    image("TIFF of 65535 samples", IMAGE_CORRUPT, HostileImages.tiffSaying(277, 65_535));
    seen("TIFF whose strip has 4 million rows", "red", HostileImages.tiffSaying(278, 1 << 22));
    image("TIFF without its directory", IMAGE_CORRUPT, HostileImages.tiffWithoutDirectory());
    image("text", IMAGE_CORRUPT, HostileImages.text("I am not a picture"));
    image("HTML", IMAGE_CORRUPT, HostileImages.text("<!DOCTYPE html><title>404</title>"));
    image(
        "SVG that includes a file",
        IMAGE_CORRUPT,
        HostileImages.text(
            "<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
                + "<svg xmlns='http://www.w3.org/2000/svg'><text>&x;</text></svg>"));
    image("PDF", IMAGE_CORRUPT, HostileImages.text("%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj"));
    image("ELF program", IMAGE_CORRUPT, HostileImages.elf());
    image(
        "ImageMagick script",
        IMAGE_CORRUPT,
        HostileImages.text("push graphic-context\nfill 'url(https://127.0.0.1/\"|ls \"-la)'\npop"));
    image("zip bomb", IMAGE_CORRUPT, HostileImages.zipBomb(100));
    image("gzip bomb", IMAGE_CORRUPT, HostileImages.gzipBomb(100));
    image("random bytes", IMAGE_CORRUPT, HostileRecords.random(100_000));
    seen(
        "JPEG with a program behind its end",
        "red",
        HostileImages.followedBy(HostileImages.jpeg(Color.RED), HostileImages.elf()));
    request(
        "checksum of another image",
        IMAGE_CORRUPT,
        request -> request.setImageBytes(bytes(PNG)).setImageSha256("0".repeat(64)));
    request(
        "checksum that is none",
        INVALID_REQUEST,
        request -> request.setImageBytes(bytes(PNG)).setImageSha256("sha256:abc"));
  }

  private void servers() {
    uri("status 401", IMAGE_ACCESS_DENIED, places.answering("/fault/status/401/red.png"));
    uri("status 403", IMAGE_ACCESS_DENIED, places.answering("/fault/status/403/red.png"));
    uri("status 404", IMAGE_NOT_FOUND, places.answering("/no-such.png"));
    uri("status 410", IMAGE_NOT_FOUND, places.answering("/fault/status/410/red.png"));
    uri("status 204", IMAGE_NOT_FOUND, places.answering("/fault/status/204/red.png"));
    uri("status 206 unasked", IMAGE_UNAVAILABLE, places.failing("/fault/status/206/red.png"));
    uri("status 429", IMAGE_UNAVAILABLE, places.failing("/fault/status/429/red.png"));
    uri("status 500", IMAGE_UNAVAILABLE, places.failing("/fault/status/500/red.png"));
    uri("status 503", IMAGE_UNAVAILABLE, places.failing("/fault/status/503/red.png"));
    uri("status 999", IMAGE_UNAVAILABLE, places.failing("/fault/status/999/red.png"));
    uri("a page instead of an image", IMAGE_CORRUPT, places.answering("/page.png"));
    found("good image under text/html", places.answering("/fault/type/text/html/red.png"));
    uri("body over the limit", IMAGE_TOO_LARGE, places.answering("/large.png"));
    uri("body without end", IMAGE_TOO_LARGE, places.answering("/fault/endless/red.png"));
    uri(
        "body that says 4 GiB",
        IMAGE_TOO_LARGE,
        places.answering("/fault/status/200/red.png?header=Content-Length:4294967296"));
    uri(
        "body of negative length",
        IMAGE_UNAVAILABLE,
        places.failing("/fault/status/200/red.png?header=Content-Length:-1"));
    uri(
        "body of no length at all",
        IMAGE_UNAVAILABLE,
        places.failing("/fault/status/200/red.png?header=Content-Length:many"));
    uri(
        "body encoded unasked",
        IMAGE_CORRUPT,
        places.answering("/fault/status/200/red.png?header=Content-Encoding:gzip"));
    uri("body shorter than said", IMAGE_UNAVAILABLE, places.failing("/fault/truncate/40/red.png"));
    uri("body byte by byte", IMAGE_UNAVAILABLE, places.failing("/fault/drip/1/300/red.png"));
    uri("no answer", IMAGE_UNAVAILABLE, places.failing("/fault/hang/red.png"));
    uri("a late answer", IMAGE_UNAVAILABLE, places.failing("/fault/delay/60000/red.png"));
    uri("connection reset", IMAGE_UNAVAILABLE, places.failing("/fault/reset/red.png"));
    uri("not HTTP", IMAGE_UNAVAILABLE, places.failing("/fault/garbage/red.png"));
    uri("headers without end", IMAGE_UNAVAILABLE, places.failing("/fault/endless-headers/red.png"));
    uri("connection refused", IMAGE_UNAVAILABLE, places.refusing());
    uri("unknown host", IMAGE_UNAVAILABLE, "http://no-such-host.invalid/red.png");
    uri("https to a server without TLS", IMAGE_UNAVAILABLE, places.withoutTls());
    found("server that recovers", places.failing("/fault/first/1/fault/status/503/red.png"));
  }

  private void redirects() {
    found("redirects within the limit", places.answering("/fault/redirects/5/red.png"));
    uri("redirects over the limit", URI_FORBIDDEN, places.answering("/fault/redirects/9/red.png"));
    uri("redirect to itself", URI_FORBIDDEN, places.answering("/fault/redirect-loop/red.png"));
    uri("redirect to nowhere", IMAGE_UNAVAILABLE, places.failing("/fault/status/302/red.png"));
    for (String to :
        new String[] {
          places.unlisted("127.0.0.1"),
          "http://169.254.169.254/latest/meta-data/",
          "http://10.0.0.1/red.png",
          "http://[::1]/red.png",
          "//169.254.169.254/red.png",
          "http://user:password@127.0.0.1/red.png",
          "file:///etc/passwd",
          "gopher://127.0.0.1:6379/_FLUSHALL",
          "s3://bucket/key",
          "data:image/png;base64,AAAA",
          "http://a b/",
          "http://%"
        }) {
      uri("redirect to " + to, URI_FORBIDDEN, places.redirect(to));
    }
  }

  private void addresses() {
    for (String host :
        new String[] {
          "127.0.0.1",
          "localhost",
          "127.0.0.1.",
          "127.1",
          "2130706433",
          "0x7f000001",
          "0177.0.0.1",
          "0x7f.0.0.0x1",
          "[::1]",
          "[::ffff:127.0.0.1]",
          "[::ffff:7f00:1]",
          "[64:ff9b::7f00:1]",
          "0.0.0.0",
          "[::]",
          "①②⑦.⓪.⓪.①",
          "127。0。0。1",
          "127%2e0.0.1",
          "user@127.0.0.1",
          "user:password@127.0.0.1",
        }) {
      uri("loopback as " + host, URI_FORBIDDEN, places.unlisted(host));
    }
    uri("cloud metadata", URI_FORBIDDEN, "http://169.254.169.254/latest/meta-data/iam/");
    uri("private network", URI_FORBIDDEN, "http://10.0.0.1/red.png");
    uri("private IPv6 network", URI_FORBIDDEN, "http://[fd00:ec2::254]/latest/meta-data/");
    uri("multicast", URI_FORBIDDEN, "http://224.0.0.1/red.png");
    uri("broadcast", URI_FORBIDDEN, "http://255.255.255.255/red.png");
    uri("IPv6 with a zone", URI_FORBIDDEN, "http://[fe80::1%25eth0]/red.png");
    uri("public host that is not allowed", URI_FORBIDDEN, "https://example.com/red.png");
    uri("name and password", URI_FORBIDDEN, "https://admin:secret@example.com/red.png");
    for (String address :
        new String[] {
          "gopher://127.0.0.1:6379/_INFO",
          "ftp://127.0.0.1/red.png",
          "data:image/png;base64,iVBORw0KGgo=",
          "jar:file:///tmp/a.jar!/red.png",
          "javascript:alert(1)",
          "ldap://127.0.0.1/cn=x",
          "dict://127.0.0.1:11211/stats",
          "unix:///var/run/docker.sock"
        }) {
      uri("scheme of " + address, URI_FORBIDDEN, address);
    }
    uri("no scheme", INVALID_REQUEST, "/etc/passwd");
    uri("blank", INVALID_REQUEST, "   ");
    uri("no host", INVALID_REQUEST, "http:///red.png");
    uri("port 0", INVALID_REQUEST, "http://127.0.0.1:0/red.png");
    uri("port 99999", INVALID_REQUEST, "http://127.0.0.1:99999/red.png");
    uri("100 KB", INVALID_REQUEST, "http://127.0.0.1/" + "a".repeat(100_000));
    uri(
        "CR LF and a header",
        INVALID_REQUEST,
        places.answering("/red.png HTTP/1.1\r\nHost: evil\r\n\r\n"));
    uri("NUL", INVALID_REQUEST, places.answering("/red.png\0.jpg"));
    uri("blank inside", INVALID_REQUEST, places.answering("/red image.png"));
    uri(
        "host of 1000 labels",
        URI_FORBIDDEN,
        "http://" + "a.".repeat(1_000) + "example.com/red.png");
  }

  private void filesAndObjects() {
    found("link inside of the root", places.file("inside.png"));
    uri("file outside of the roots", URI_FORBIDDEN, "file:///etc/passwd");
    uri("path out of the root", URI_FORBIDDEN, places.file("../outside.png"));
    uri("encoded path out of the root", URI_FORBIDDEN, places.file("%2e%2e/outside.png"));
    uri("link out of the root", URI_FORBIDDEN, places.file("out.png"));
    uri("/dev/zero", URI_FORBIDDEN, "file:///dev/zero");
    uri("link to /dev/zero", URI_FORBIDDEN, places.file("zero.png"));
    uri("FIFO", URI_FORBIDDEN, places.file("fifo.png"));
    uri("folder", URI_FORBIDDEN, places.file(""));
    uri("file of another host", URI_FORBIDDEN, "file://server/share/red.png");
    uri("file with a relative path", INVALID_REQUEST, "file:red.png");
    uri("file with NUL", INVALID_REQUEST, places.file("red.png%00.jpg"));
    uri("missing file", IMAGE_NOT_FOUND, places.file("missing.png"));
    uri("file used as a folder", IMAGE_NOT_FOUND, places.file("red.png/red.png"));
    uri("file name of 1000 characters", IMAGE_NOT_FOUND, places.file("a".repeat(1_000)));
    uri("link to itself", IMAGE_NOT_FOUND, places.file("circle.png"));
    uri("text in a file", IMAGE_CORRUPT, places.file("secret.png"));
    uri("large file", IMAGE_TOO_LARGE, places.file("large.png"));
    uri("bucket that is not allowed", URI_FORBIDDEN, places.forbiddenObject("red.png"));
    uri("path to another bucket", URI_FORBIDDEN, places.traversalToForbiddenBucket());
    uri("missing key", IMAGE_NOT_FOUND, places.object("missing.png"));
    uri("encoded path to another bucket", IMAGE_NOT_FOUND, places.object("%2e%2e/red.png"));
    uri("missing bucket", IMAGE_NOT_FOUND, places.objectOfMissingBucket());
    uri("text in a bucket", IMAGE_CORRUPT, places.object("text.png"));
    uri("large object", IMAGE_TOO_LARGE, places.object("large.png"));
    uri("no key", INVALID_REQUEST, places.object(""));
    uri("bucket with a port", INVALID_REQUEST, "s3://bucket:80/red.png");
    uri("bucket with a user", INVALID_REQUEST, "s3://user@bucket/red.png");
    uri("key of 2000 characters", INVALID_REQUEST, places.object("a".repeat(2_000)));
  }

  private void requests() {
    request("neither address nor bytes", INVALID_REQUEST, request -> request);
    request(
        "both address and bytes",
        INVALID_REQUEST,
        request -> request.setImageUri(places.good("red")).setImageBytes(bytes(RED)));
    request("empty id", INVALID_REQUEST, request -> red(request).setRequestId(""));
    request(
        "id of 10 KB", INVALID_REQUEST, request -> red(request).setRequestId("x".repeat(10_000)));
    expected(
        "id that would be two lines of a log",
        new Expected.Succeeded("red"),
        request -> red(request).setRequestId("a\r\n\u001b[31m12:00:00 ERROR root: forged\u0000"));
    expected(
        "metadata of hostile text",
        new Expected.Succeeded("red"),
        request ->
            red(request)
                .setMetadata(
                    Map.of(
                        "", "<script>alert(1)</script>",
                        "\u202egnp", "'; DROP TABLE images; --",
                        "${jndi:ldap://127.0.0.1/a}", "\u0000\ud83d\ude00%s%n",
                        "long", "x".repeat(200_000))));
    request(
        "metadata that leaves no room for a dead letter's headers",
        IMAGE_CORRUPT,
        request ->
            request
                .setImageBytes(bytes(new byte[0]))
                .setMetadata(Map.of("all", "x".repeat(1_047_000))));
    expected(
        "deadline in the past",
        new Expected.Expired(),
        request -> red(request).setDeadline(Instant.parse("2001-01-01T00:00:00Z")));
    expected(
        "first deadline there is",
        new Expected.Expired(),
        request -> red(request).setDeadline(Instant.ofEpochMilli(Long.MIN_VALUE)));
    expected(
        "last deadline there is",
        new Expected.Succeeded("red"),
        request ->
            red(request)
                .setImageBytes(null)
                .setImageUri(places.good("red"))
                .setDeadline(Instant.ofEpochMilli(Long.MAX_VALUE)));
    Map<String, String> forged = new HashMap<>();
    for (int i = 0; i < 500; i++) {
      forged.put("header-" + i, "x".repeat(100));
    }
    forged.put("sluice-error-code", "NONE");
    forged.put("kafka_dlt-original-offset", "forged");
    forged.put("traceparent", "00-" + "z".repeat(1_000));
    inputs.add(
        new HostileInput(
            "forged and many headers",
            new Sent.Request(
                InferenceRequest.newBuilder().setRequestId("forged headers").build(), forged),
            new Expected.Failed(INVALID_REQUEST)));
  }

  private void models() {
    request("unknown model", MODEL_NOT_FOUND, request -> red(request).setModel("no-such-model"));
    request("unknown version", MODEL_NOT_FOUND, request -> red(request).setModelVersion("99"));
    request("unknown alias", MODEL_NOT_FOUND, request -> red(request).setModelVersion("latest"));
    request("path as model", INVALID_REQUEST, request -> red(request).setModel("../../etc"));
    request("path as version", INVALID_REQUEST, request -> red(request).setModelVersion("../1"));
    request("empty model", INVALID_REQUEST, request -> red(request).setModel(""));
    request(
        "model of 10 KB", INVALID_REQUEST, request -> red(request).setModel("m".repeat(10_000)));
    for (String topK : new String[] {"-1", "0", "1.5", "1e308", "NaN", "", "ten", "0x1p4"}) {
      parameters("top_k of '" + topK + "'", Map.of("top_k", topK));
    }
    parameters("top_k of 100 KB", Map.of("top_k", "1".repeat(100_000)));
    parameters("unknown parameter", Map.of("no_such_parameter", "1"));
    parameters("parameter without a name", Map.of("", "1"));
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < 10_000; i++) {
      many.put("parameter-" + i, "x");
    }
    parameters("10000 parameters", many);
    for (String threshold : new String[] {"NaN", "-0.1", "1.1", "Infinity", "half"}) {
      request(
          "threshold of " + threshold,
          INVALID_REQUEST,
          request -> red(request).setModel(DETECTOR).setParameters(Map.of("threshold", threshold)));
    }
    request(
        "image that makes the model fail",
        MODEL_FAILED,
        request -> red(request).setModel(FAILS_ON_RED));
    request(
        "image whose scores are not numbers",
        MODEL_FAILED,
        request -> red(request).setModel(NOT_A_NUMBER_ON_RED));
  }

  private void records() {
    int id = places.requestSchema();
    InferenceRequest good =
        InferenceRequest.newBuilder().setRequestId("raw").setImageBytes(bytes(RED)).build();
    byte[] value = HostileRecords.request(id, good);
    InferenceResult result = Results.failed("a result", "red.png", "INTERNAL", "no reason");
    inputs.add(
        new HostileInput(
            "no value", new Sent.Tombstone(), new Expected.DeadLetterOnly(INVALID_REQUEST)));
    record("empty value", new byte[0]);
    record("random bytes as a record", HostileRecords.random(10_000));
    record("JSON", HostileRecords.text("{\"request_id\": \"json\"}"));
    record("magic byte alone", new byte[1]);
    record("id of a schema cut off", new byte[4]);
    record("id of a schema and no more", HostileRecords.beginning(value, 5));
    byte[] wrongMagic = value.clone();
    wrongMagic[0] = 1;
    record("wrong magic byte", wrongMagic);
    record("unknown schema", HostileRecords.request(123_456_789, good));
    record("negative schema", HostileRecords.request(-1, good));
    record("schema of the results", HostileRecords.request(places.resultSchema(), good));
    inputs.add(
        new HostileInput(
            "a result in place of a request",
            new Sent.Bytes(
                HostileRecords.of(
                    places.resultSchema(),
                    avro -> new SpecificDatumWriter<>(InferenceResult.class).write(result, avro))),
            new Expected.Failed(INVALID_REQUEST)));
    record("record cut after 6 bytes", HostileRecords.beginning(value, 6));
    record("record cut by one byte", HostileRecords.beginning(value, value.length - 1));
    for (long length : new long[] {-1, Integer.MAX_VALUE - 8, Integer.MAX_VALUE, 1L << 62}) {
      record("string of " + length, HostileRecords.of(id, avro -> avro.writeLong(length)));
      record(
          "image of " + length,
          HostileRecords.afterId(
              id,
              avro -> {
                avro.writeIndex(0);
                avro.writeIndex(1);
                avro.writeLong(length);
              }));
      record(
          "parameters of " + length,
          HostileRecords.atParameters(id, avro -> avro.writeLong(length)));
    }
    record(
        "parameters of -2^63",
        HostileRecords.atParameters(
            id,
            avro -> {
              avro.writeLong(Long.MIN_VALUE);
              avro.writeLong(Long.MIN_VALUE);
            }));
    record("branch 7 of a union", HostileRecords.afterId(id, avro -> avro.writeIndex(7)));
    record("branch -1 of a union", HostileRecords.afterId(id, avro -> avro.writeIndex(-1)));
    record(
        "number without end",
        HostileImages.followedBy(
            HostileRecords.beginning(value, 5), HostileImages.text("\u00ff".repeat(50))));
    // Avro has no end mark: what follows is not read, as with every Confluent deserializer.
    inputs.add(
        new HostileInput(
            "request with more behind it",
            new Sent.Bytes(HostileImages.followedBy(value, HostileRecords.random(1_000))),
            new Expected.Succeeded("red")));
  }

  /** The bytes in the request itself. */
  private void image(String name, ErrorCode code, byte[] image) {
    request("image: " + name, code, request -> request.setImageBytes(bytes(image)));
  }

  /** An image that looks hostile and is read. */
  private void seen(String name, String label, byte[] image) {
    expected(
        "image: " + name,
        new Expected.Succeeded(label),
        request -> request.setImageBytes(bytes(image)));
  }

  private void uri(String name, ErrorCode code, String uri) {
    request("address: " + name, code, request -> request.setImageUri(uri));
  }

  /** An address that looks hostile and leads to a red image. */
  private void found(String name, String uri) {
    expected(
        "address: " + name, new Expected.Succeeded("red"), request -> request.setImageUri(uri));
  }

  private void parameters(String name, Map<String, String> parameters) {
    request(name, INVALID_REQUEST, request -> red(request).setParameters(parameters));
  }

  private void request(
      String name, ErrorCode code, UnaryOperator<InferenceRequest.Builder> hostile) {
    expected(name, new Expected.Failed(code), hostile);
  }

  private void expected(
      String name, Expected expected, UnaryOperator<InferenceRequest.Builder> hostile) {
    InferenceRequest request =
        hostile.apply(InferenceRequest.newBuilder().setRequestId(name)).build();
    inputs.add(new HostileInput(name, new Sent.Request(request, Map.of()), expected));
  }

  private void record(String name, byte[] value) {
    inputs.add(
        new HostileInput(
            "record: " + name,
            new Sent.Bytes(value),
            new Expected.DeadLetterOnly(INVALID_REQUEST)));
  }

  private static InferenceRequest.Builder red(InferenceRequest.Builder request) {
    return request.setImageBytes(bytes(RED));
  }

  private static ByteBuffer bytes(byte[] image) {
    return ByteBuffer.wrap(image);
  }
}
