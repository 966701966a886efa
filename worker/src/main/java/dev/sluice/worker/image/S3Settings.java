package dev.sluice.worker.image;

import static java.util.Objects.requireNonNull;

/**
 * Where {@code s3://} images are. The endpoint is the operator's and trusted; buckets and keys are
 * the producer's and not: a bucket is read only when an allow entry names it.
 *
 * @param endpoint URL of an S3-compatible store ({@code http://127.0.0.1:9000}); empty: AWS
 * @param region empty: where the AWS SDK finds one (environment, profile), {@code us-east-1} with
 *     an endpoint of one's own
 * @param pathStyle {@code endpoint/bucket/key} instead of {@code bucket.endpoint/key}, as MinIO and
 *     S3Proxy want it
 * @param credentials the worker's own
 */
public record S3Settings(
    String endpoint, String region, boolean pathStyle, Credentials credentials) {
  public S3Settings {
    requireNonNull(endpoint, "endpoint is null");
    requireNonNull(region, "region is null");
    requireNonNull(credentials, "credentials is null");
    if (!endpoint.isEmpty() && !endpoint.matches("https?://.+")) {
      throw new IllegalArgumentException("endpoint is an http or https URL: " + endpoint);
    }
  }

  /** AWS, with what the SDK's default chains find. */
  public static S3Settings defaults() {
    return new S3Settings("", "", false, new Credentials.DefaultChain());
  }

  /** Whose rights the worker reads with. */
  public sealed interface Credentials {
    /** What the AWS SDK finds: environment, profile, container or instance role. */
    record DefaultChain() implements Credentials {}

    /** Given in the configuration; the secret is never printed. */
    record Static(String accessKeyId, String secretAccessKey) implements Credentials {
      public Static {
        requireNonNull(accessKeyId, "accessKeyId is null");
        requireNonNull(secretAccessKey, "secretAccessKey is null");
      }

      @Override
      public String toString() {
        return "Static[" + accessKeyId + "]";
      }
    }
  }
}
