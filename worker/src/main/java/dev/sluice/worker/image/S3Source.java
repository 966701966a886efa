package dev.sluice.worker.image;

import dev.sluice.worker.model.ByteBudget.Reservation;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.apache5.ProxyConfiguration;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** One object from the object store, with the worker's own credentials. Safe for any thread. */
final class S3Source implements AutoCloseable {
  private final AddressPolicy policy;
  private final Memory memory;
  private final Watchdog watchdog;
  private final S3Client client;

  S3Source(
      S3Settings settings,
      FetchSettings.Limits limits,
      AddressPolicy policy,
      Memory memory,
      Watchdog watchdog) {
    this.policy = policy;
    this.memory = memory;
    this.watchdog = watchdog;
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClientBuilder(
                Apache5HttpClient.builder()
                    .maxConnections(limits.maxConcurrent())
                    .connectionTimeout(limits.connectTimeout())
                    .socketTimeout(limits.timeout())
                    .proxyConfiguration(
                        ProxyConfiguration.builder()
                            .useSystemPropertyValues(false)
                            .useEnvironmentVariableValues(false)
                            .build()))
            // Retries are the fetcher's, which knows the deadline.
            .overrideConfiguration(
                override -> override.retryStrategy(retry -> retry.maxAttempts(1)))
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .forcePathStyle(settings.pathStyle())
            .credentialsProvider(credentials(settings.credentials()));
    if (!settings.endpoint().isEmpty()) {
      builder.endpointOverride(URI.create(settings.endpoint()));
      builder.region(Region.US_EAST_1);
    }
    if (!settings.region().isEmpty()) {
      builder.region(Region.of(settings.region()));
    }
    this.client = builder.build();
  }

  /**
   * Reads the object.
   *
   * @throws TaskException as the policy or the store has it
   */
  FetchedImage get(ImageUri.S3 uri, long renditionBytes, TimeLimit limit)
      throws InterruptedException {
    policy.checkBucket(uri);
    limit.requireTime("waiting for " + uri);
    GetObjectRequest request =
        GetObjectRequest.builder()
            .bucket(uri.bucket())
            .key(uri.key())
            .overrideConfiguration(override -> override.apiCallTimeout(limit.remaining()))
            .build();
    ResponseInputStream<GetObjectResponse> object;
    try {
      object = client.getObject(request);
    } catch (S3Exception e) {
      throw failure(uri, e, limit.now());
    } catch (ApiCallTimeoutException e) {
      TaskException expired = limit.expired("waiting for " + uri);
      expired.addSuppressed(e);
      throw expired;
    } catch (AbortedException e) {
      boolean flag = Thread.interrupted();
      InterruptedException interruption =
          new InterruptedException("interrupted while waiting for " + uri + ", flag " + flag);
      interruption.initCause(e);
      throw interruption;
    } catch (SdkClientException e) {
      throw unavailable(uri, e);
    }
    return read(uri, object, renditionBytes, limit);
  }

  @Override
  public void close() {
    client.close();
  }

  private FetchedImage read(
      ImageUri.S3 uri,
      ResponseInputStream<GetObjectResponse> object,
      long renditionBytes,
      TimeLimit limit)
      throws InterruptedException {
    Long stated = object.response().contentLength();
    long length = stated == null ? Memory.UNKNOWN_LENGTH : stated;
    boolean read = false;
    try {
      Reservation reservation = memory.reserve(length, renditionBytes, uri, limit);
      try {
        byte[] bytes =
            watchdog.guard(
                limit,
                () -> "reading " + uri,
                object::abort,
                () -> memory.read(object, length, uri));
        object.close();
        reservation.shrinkTo(bytes.length + renditionBytes);
        read = true;
        return new FetchedImage(bytes, reservation);
      } finally {
        if (!read) {
          reservation.close();
        }
      }
    } catch (IOException | SdkClientException e) {
      throw unavailable(uri, e);
    } finally {
      if (!read) {
        object.abort();
      }
    }
  }

  private static TaskException failure(ImageUri.S3 uri, S3Exception e, Instant now) {
    if (e.statusCode() >= 300 && e.statusCode() < 400) {
      return new TaskException(
          ErrorCode.IMAGE_NOT_FOUND,
          uri + " is in another region or store than this worker reads (images.s3)",
          e);
    }
    TaskException failure =
        HttpStatus.failure(e.statusCode(), uri.toString(), retryAfter(e.awsErrorDetails(), now));
    failure.initCause(e);
    return failure;
  }

  private static Duration retryAfter(@Nullable AwsErrorDetails details, Instant now) {
    SdkHttpResponse response = details == null ? null : details.sdkHttpResponse();
    return response == null
        ? Duration.ZERO
        : response
            .firstMatchingHeader(RetryAfter.HEADER)
            .map(value -> RetryAfter.parse(value, now))
            .orElse(Duration.ZERO);
  }

  private static TaskException unavailable(ImageUri.S3 uri, Exception e) {
    return new TaskException(
        ErrorCode.IMAGE_UNAVAILABLE, uri + " cannot be read: " + e.getMessage(), e);
  }

  private static AwsCredentialsProvider credentials(S3Settings.Credentials credentials) {
    return switch (credentials) {
      case S3Settings.Credentials.DefaultChain() -> DefaultCredentialsProvider.builder().build();
      case S3Settings.Credentials.Static(String id, String secret) ->
          StaticCredentialsProvider.create(AwsBasicCredentials.create(id, secret));
    };
  }
}
