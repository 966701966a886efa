package dev.sluice.system;

import dev.sluice.devstack.ImageServer;
import dev.sluice.devstack.ObjectStore;
import dev.sluice.devstack.Ports;
import dev.sluice.devstack.junit.FreshNames;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.awt.Color;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The servers, folders and buckets that hostile inputs point to. An origin that fails is left alone
 * by the worker after a while, so each outage has a server of its own, and good images have theirs.
 * Used by one thread.
 */
final class HostilePlaces implements AutoCloseable {
  static final int MAX_BYTES = 2 << 20;

  private static final List<Color> COLORS = List.of(Color.RED, Color.GREEN, Color.BLUE);
  private static final List<String> NAMES = List.of("red", "green", "blue");

  private final Path images;
  private final Path root;
  private final ObjectStore store;
  private final String bucket;
  private final String forbiddenBucket;
  private final String missingBucket;
  private final Pipeline pipeline;
  private final SchemaRegistryClient registry;
  private final List<ImageServer> servers = new ArrayList<>();
  private final ImageServer good;
  private final ImageServer answering;
  private final ImageServer unlisted;
  private final int closedPort = Ports.free();
  private final List<String> allowed = new ArrayList<>();

  HostilePlaces(Path folder, ObjectStore store, FreshNames names, Pipeline pipeline) {
    this.store = store;
    this.pipeline = pipeline;
    this.registry = new CachedSchemaRegistryClient(pipeline.registry().url(), 10);
    this.bucket = names.of("images");
    this.forbiddenBucket = names.of("private");
    this.missingBucket = names.of("missing");
    this.images = folder.resolve("served");
    this.root = folder.resolve("root");
    try {
      fill();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.good = server();
    this.answering = server();
    this.unlisted = ImageServer.launch(images);
    allow("http://127.0.0.1:" + closedPort);
    allow("http://*.invalid");
    allow("s3://" + bucket);
    allow("s3://" + missingBucket);
  }

  private void fill() throws IOException {
    Files.createDirectories(images);
    Files.createDirectories(root);
    store.createBucket(bucket);
    store.createBucket(forbiddenBucket);
    for (int i = 0; i < NAMES.size(); i++) {
      String file = NAMES.get(i) + ".png";
      byte[] png = HostileImages.png(COLORS.get(i), 64, 48);
      Files.write(images.resolve(file), png);
      Files.write(root.resolve(file), png);
      store.put(bucket, file, png);
      store.put(forbiddenBucket, file, png);
    }
    Files.write(images.resolve("page.png"), HostileImages.text("<html>not a picture</html>"));
    Files.write(root.resolve("secret.png"), HostileImages.text("text in a root"));
    Files.write(root.resolveSibling("outside.png"), HostileImages.png(Color.RED, 64, 48));
    Files.createSymbolicLink(root.resolve("out.png"), root.resolveSibling("outside.png"));
    Files.createSymbolicLink(root.resolve("zero.png"), Path.of("/dev/zero"));
    Files.createSymbolicLink(root.resolve("circle.png"), Path.of("circle.png"));
    Files.createSymbolicLink(root.resolve("inside.png"), Path.of("red.png"));
    fifo(root.resolve("fifo.png"));
    sparse(root.resolve("large.png"), MAX_BYTES + 1L);
    sparse(images.resolve("large.png"), MAX_BYTES + 1L);
    store.put(bucket, "large.png", new byte[MAX_BYTES + 1]);
    store.put(bucket, "text.png", HostileImages.text("text in a bucket"));
  }

  private static void sparse(Path file, long length) throws IOException {
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(length);
    }
  }

  private static void fifo(Path path) throws IOException {
    try {
      int exit = new ProcessBuilder("mkfifo", path.toString()).inheritIO().start().waitFor();
      if (exit != 0) {
        throw new IOException("mkfifo " + path + " ended with " + exit);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private ImageServer server() {
    ImageServer server = ImageServer.launch(images);
    servers.add(server);
    allow(server.url());
    return server;
  }

  private void allow(String entry) {
    allowed.add(entry);
  }

  /** A good image of this colour at an origin that never fails. */
  String good(String color) {
    return good.url("/" + color + ".png");
  }

  /** A path of an origin that answers, if not with an image. */
  String answering(String path) {
    return answering.url(path);
  }

  /** A redirect of that origin. */
  String redirect(String to) {
    return answering.url(
        "/fault/redirect/302/red.png?to=" + URLEncoder.encode(to, StandardCharsets.UTF_8));
  }

  /** A path of an origin of its own, which fails. */
  String failing(String path) {
    return server().url(path);
  }

  /** An https address of a server that speaks http only. */
  String withoutTls() {
    String https = server().url().replace("http:", "https:");
    allow(https);
    return https + "/red.png";
  }

  /** A path of a server on the loopback address that no entry allows, written with this host. */
  String unlisted(String host) {
    return unlisted.url("/red.png").replace("127.0.0.1", host);
  }

  /** Nobody listens there. */
  String refusing() {
    return "http://127.0.0.1:" + closedPort + "/red.png";
  }

  /** The bytes of the good image of this colour. */
  byte[] image(String color) {
    return HostileImages.png(COLORS.get(NAMES.indexOf(color)), 64, 48);
  }

  String file(String name) {
    return "file://" + root + "/" + name;
  }

  String object(String key) {
    return "s3://" + bucket + "/" + key;
  }

  String forbiddenObject(String key) {
    return "s3://" + forbiddenBucket + "/" + key;
  }

  String objectOfMissingBucket() {
    return "s3://" + missingBucket + "/red.png";
  }

  String traversalToForbiddenBucket() {
    return "s3://" + bucket + "/../" + forbiddenBucket + "/red.png";
  }

  int requestSchema() {
    return schemaId(pipeline.requests());
  }

  int resultSchema() {
    return schemaId(pipeline.results());
  }

  private int schemaId(String topic) {
    try {
      return registry.getLatestSchemaMetadata(topic + "-value").getId();
    } catch (IOException | RestClientException e) {
      throw new AssertionError("no schema of " + topic, e);
    }
  }

  /** The images' part of the configuration of a worker that may read from here. */
  Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("images.allow", String.join(",", allowed));
    settings.put("images.file_roots", root.toString());
    settings.put("images.max_bytes", String.valueOf(MAX_BYTES));
    settings.put("images.max_pixels", "1000000");
    settings.put("images.s3.endpoint", store.endpoint());
    settings.put("images.s3.access_key_id", store.credentials().accessKeyId());
    settings.put("images.s3.secret_access_key", store.credentials().secretAccessKey());
    return settings;
  }

  /** How often the server that must not be reached was. */
  int requestsToUnlisted() {
    return unlisted.requests();
  }

  @Override
  public void close() {
    servers.forEach(ImageServer::close);
    unlisted.close();
    try {
      registry.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
