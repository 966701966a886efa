package dev.sluice.devstack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.Private;
import dev.sluice.devstack.junit.WithDevstack;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

@WithDevstack
class ObjectStoreIT {
  @Test
  void servesWhatWasPutToThoseWhoSign(ObjectStore store, FreshNames names) throws Exception {
    String bucket = names.of("bucket");
    store.createBucket(bucket);
    store.put(bucket, "folder/a.txt", "content".getBytes(UTF_8));
    HttpResponse<String> signed = get(presigned(store, bucket, "folder/a.txt"));
    assertThat(signed.body()).isEqualTo("content");
    assertThat(signed.statusCode()).isEqualTo(200);
    assertThat(get(presigned(store, bucket, "missing")).statusCode()).isEqualTo(404);
    assertThat(get(store.endpoint() + "/" + bucket + "/folder/a.txt").statusCode()).isEqualTo(403);
  }

  @Test
  void keepsItsObjectsWhenItIsKilled(@Private ObjectStore store) throws Exception {
    store.createBucket("bucket");
    store.put("bucket", "a", "kept".getBytes(UTF_8));
    store.kill();
    assertThat(store.isRunning()).isFalse();
    store.start();
    assertThat(get(presigned(store, "bucket", "a")).body()).isEqualTo("kept");
  }

  private static HttpResponse<String> get(String url) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
    }
  }

  /** Signature version 2 in the query: the shortest that S3 servers know. */
  private static String presigned(ObjectStore store, String bucket, String key) throws Exception {
    String path = "/" + bucket + "/" + key;
    long expires = System.currentTimeMillis() / 1000 + 3600;
    Mac mac = Mac.getInstance("HmacSHA1");
    mac.init(new SecretKeySpec(store.credentials().secretAccessKey().getBytes(UTF_8), "HmacSHA1"));
    byte[] signature = mac.doFinal(("GET\n\n\n" + expires + "\n" + path).getBytes(UTF_8));
    return "%s%s?AWSAccessKeyId=%s&Expires=%d&Signature=%s"
        .formatted(
            store.endpoint(),
            path,
            store.credentials().accessKeyId(),
            expires,
            URLEncoder.encode(Base64.getEncoder().encodeToString(signature), UTF_8));
  }
}
