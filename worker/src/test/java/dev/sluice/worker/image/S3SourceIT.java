package dev.sluice.worker.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.devstack.ObjectStore;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.worker.model.Attempt;
import dev.sluice.worker.model.ByteBudget;
import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.ImageSource;
import dev.sluice.worker.model.ImageTask;
import dev.sluice.worker.model.Integrity;
import dev.sluice.worker.model.ModelSelector;
import dev.sluice.worker.model.Position;
import dev.sluice.worker.model.RecordedParking;
import dev.sluice.worker.model.TaskException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Objects from a real S3 service, through the real SDK. */
@WithDevstack
class S3SourceIT {
  private final ByteBudget budget = new ByteBudget(1 << 26);

  @Test
  void readsObjectsOfAllowedBuckets(ObjectStore store, FreshNames names)
      throws InterruptedException {
    String bucket = names.of("photos");
    String other = names.of("secrets");
    byte[] image = TestImages.encode(TestImages.quadrants(64, 48), "png");
    store.createBucket(bucket);
    store.createBucket(other);
    store.put(bucket, "2026/a b+c%.png", image);
    store.put(bucket, "large.png", new byte[(32 << 20) + 1]);
    store.put(other, "a.png", image);
    String id = store.credentials().accessKeyId();
    String secret = store.credentials().secretAccessKey();
    try (ImageFetcher fetcher = fetcher(store, bucket, id, secret)) {
      try (FetchedImage fetched =
          fetcher.fetch(task("s3://" + bucket + "/2026/a b+c%.png"), 100, new RecordedParking())) {
        assertThat(fetched.bytes()).isEqualTo(image);
      }
      assertFails(fetcher, "s3://" + bucket + "/none.png", ErrorCode.IMAGE_NOT_FOUND);
      assertFails(fetcher, "s3://" + bucket + "/large.png", ErrorCode.IMAGE_TOO_LARGE);
      assertFails(fetcher, "s3://" + other + "/a.png", ErrorCode.URI_FORBIDDEN);
      assertFails(fetcher, "s3://" + bucket + "/../" + other + "/a.png", ErrorCode.URI_FORBIDDEN);
    }
    try (ImageFetcher stranger = fetcher(store, bucket, id, "wrong")) {
      assertFails(stranger, "s3://" + bucket + "/large.png", ErrorCode.IMAGE_ACCESS_DENIED);
    }
    try (ImageFetcher fetcher = fetcher(store, names.of("missing"), id, secret)) {
      assertFails(fetcher, "s3://" + bucket + "/a.png", ErrorCode.URI_FORBIDDEN);
    }
    assertThat(budget.inUse()).isZero();
  }

  private ImageFetcher fetcher(ObjectStore store, String bucket, String id, String secret) {
    FetchSettings defaults = FetchSettings.defaults();
    return new ImageFetcher(
        new FetchSettings(
            defaults.limits(),
            new FetchSettings.Addresses(List.of("s3://" + bucket), List.of(), false),
            List.of(),
            defaults.retry(),
            defaults.breaker(),
            new S3Settings(
                store.endpoint(), "", true, new S3Settings.Credentials.Static(id, secret))),
        budget,
        InstantSource.system());
  }

  private static void assertFails(ImageFetcher fetcher, String uri, ErrorCode code) {
    assertThatThrownBy(() -> fetcher.fetch(task(uri), 100, new RecordedParking()).close())
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).as(e.toString()).isEqualTo(code));
  }

  private static ImageTask task(String uri) {
    return new ImageTask(
        new Position("requests", 0, 0, 0),
        "id",
        new ImageSource.Remote(uri),
        new Integrity.Unchecked(),
        new ModelSelector("model", new ModelSelector.Version.Serving()),
        Map.of(),
        new Deadline.None(),
        Map.of(),
        Instant.EPOCH,
        new Attempt.First());
  }
}
