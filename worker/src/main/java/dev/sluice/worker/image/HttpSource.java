package dev.sluice.worker.image;

import dev.sluice.worker.model.ByteBudget.Reservation;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.HttpHostConnectException;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One exchange with an http or https server, to addresses that have been checked. Follows no
 * redirect, sends no cookie and no credential, decompresses nothing, uses no proxy. Safe for any
 * thread.
 *
 * <p>The client never resolves a name: each request carries the address to connect to, and the
 * client's own resolver refuses. A connection is used again only for the same host and address.
 */
final class HttpSource implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpSource.class);

  private static final int MAX_HEADERS = 100;
  private static final int MAX_HEADER_LINE = 8192;
  private static final TimeValue IDLE = TimeValue.ofSeconds(20);
  private static final DnsResolver REFUSES =
      new DnsResolver() {
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
          throw new UnknownHostException(host + " was to be resolved a second time");
        }

        @Override
        public String resolveCanonicalHostname(String host) throws UnknownHostException {
          throw new UnknownHostException(host + " was to be resolved a second time");
        }
      };

  private final AddressPolicy policy;
  private final Names names;
  private final Memory memory;
  private final Watchdog watchdog;
  private final CloseableHttpClient client;

  HttpSource(
      FetchSettings.Limits limits,
      AddressPolicy policy,
      Names names,
      Memory memory,
      Watchdog watchdog) {
    this.policy = policy;
    this.names = names;
    this.memory = memory;
    this.watchdog = watchdog;
    Timeout timeout = Timeout.of(limits.timeout());
    PoolingHttpClientConnectionManager connections =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setDnsResolver(REFUSES)
            .setMaxConnTotal(limits.maxConcurrent())
            .setMaxConnPerRoute(limits.maxConcurrentPerOrigin())
            .setConnectionFactory(
                ManagedHttpClientConnectionFactory.builder()
                    .http1Config(
                        Http1Config.custom()
                            .setMaxHeaderCount(MAX_HEADERS)
                            .setMaxLineLength(MAX_HEADER_LINE)
                            .build())
                    .build())
            .setDefaultConnectionConfig(
                ConnectionConfig.custom()
                    .setConnectTimeout(Timeout.of(limits.connectTimeout()))
                    .setSocketTimeout(timeout)
                    .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                    .build())
            .build();
    this.client =
        HttpClients.custom()
            .setConnectionManager(connections)
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setResponseTimeout(timeout)
                    .setConnectionRequestTimeout(timeout)
                    .setProtocolUpgradeEnabled(false)
                    .build())
            .setUserAgent("sluice")
            .disableAutomaticRetries()
            .disableRedirectHandling()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableContentCompression()
            .evictIdleConnections(IDLE)
            .build();
  }

  /** How one exchange ended well. */
  sealed interface Answer extends Origins.Fetched {
    /** With the image. */
    record Arrived(FetchedImage image) implements Answer {
      @Override
      public void keep(Place place) {
        image.keep(place);
      }

      @Override
      public void close() {
        image.close();
      }
    }

    /** With another address, not yet checked. */
    record Moved(ImageUri to) implements Answer {
      @Override
      public void close() {}
    }
  }

  /**
   * Asks for the image at {@code uri}.
   *
   * @throws TaskException as the policy, the status or the connection has it
   */
  Answer get(ImageUri.Http uri, long renditionBytes, TimeLimit limit) throws InterruptedException {
    policy.checkHost(uri);
    List<InetAddress> addresses = names.resolve(uri.host(), limit);
    policy.checkAddresses(uri, addresses);
    for (int i = 0; ; i++) {
      InetAddress address = addresses.get(i);
      try {
        return exchange(uri, address, renditionBytes, limit);
      } catch (HttpHostConnectException | ConnectTimeoutException e) {
        if (i + 1 == addresses.size()) {
          throw unavailable(uri, "cannot be connected to at " + address.getHostAddress(), e);
        }
        LOG.debug("{} does not answer at {}; trying the next", uri.origin(), address, e);
      } catch (IOException e) {
        throw unavailable(uri, "broke off: " + e.getMessage(), e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
  }

  private Answer exchange(
      ImageUri.Http uri, InetAddress address, long renditionBytes, TimeLimit limit)
      throws IOException, InterruptedException {
    HttpGet request = new HttpGet(uri.uri());
    request.setHeader(HttpHeaders.ACCEPT, "image/*, */*;q=0.1");
    request.setHeader(HttpHeaders.ACCEPT_ENCODING, "identity");
    HttpHost target = new HttpHost(uri.scheme(), address, uri.host().text(), uri.port());
    ClassicHttpResponse response =
        watchdog.guard(
            limit,
            () -> "waiting for " + uri,
            request::cancel,
            () -> client.executeOpen(target, request, null));
    boolean complete = false;
    try {
      Answer answer = answer(uri, request, response, renditionBytes, limit);
      complete = answer instanceof Answer.Arrived;
      return answer;
    } finally {
      if (!complete) {
        // Closing alone would read the rest of the body first, and it may have no end.
        request.cancel();
      }
      close(response, uri);
    }
  }

  private Answer answer(
      ImageUri.Http uri,
      HttpGet request,
      ClassicHttpResponse response,
      long renditionBytes,
      TimeLimit limit)
      throws IOException, InterruptedException {
    int status = response.getCode();
    if (HttpStatus.isRedirect(status)) {
      Header location = response.getFirstHeader(HttpHeaders.LOCATION);
      if (location == null || location.getValue() == null) {
        throw unavailable(uri, "redirects without saying where");
      }
      return new Answer.Moved(uri.redirect(location.getValue()));
    }
    if (!HttpStatus.isImage(status)) {
      throw HttpStatus.failure(status, uri.toString(), retryAfter(response, limit));
    }
    HttpEntity entity = response.getEntity();
    if (entity == null) {
      throw new TaskException(ErrorCode.IMAGE_CORRUPT, uri + " has no body");
    }
    String encoding = entity.getContentEncoding();
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw new TaskException(
          ErrorCode.IMAGE_CORRUPT,
          uri + " is sent with a Content-Encoding, though none was asked for");
    }
    long length = Math.max(entity.getContentLength(), Memory.UNKNOWN_LENGTH);
    Reservation reservation = memory.reserve(length, renditionBytes, uri, limit);
    boolean read = false;
    try {
      byte[] bytes =
          watchdog.guard(
              limit,
              () -> "reading " + uri,
              request::cancel,
              () -> memory.read(entity.getContent(), length, uri));
      reservation.shrinkTo(bytes.length + renditionBytes);
      read = true;
      return new Answer.Arrived(new FetchedImage(bytes, reservation));
    } finally {
      if (!read) {
        reservation.close();
      }
    }
  }

  private static Duration retryAfter(ClassicHttpResponse response, TimeLimit limit) {
    Header header = response.getFirstHeader(HttpHeaders.RETRY_AFTER);
    return header == null || header.getValue() == null
        ? Duration.ZERO
        : RetryAfter.parse(header.getValue(), limit.now());
  }

  private static void close(ClassicHttpResponse response, ImageUri.Http uri) {
    try {
      response.close();
    } catch (IOException e) {
      // The image is here or the failure known; a connection that was cut closes like this.
      LOG.debug("closing the connection to {}", uri.origin(), e);
    }
  }

  private static TaskException unavailable(ImageUri.Http uri, String what) {
    return new TaskException(ErrorCode.IMAGE_UNAVAILABLE, uri + " " + what);
  }

  private static TaskException unavailable(ImageUri.Http uri, String what, IOException cause) {
    return new TaskException(ErrorCode.IMAGE_UNAVAILABLE, uri + " " + what, cause);
  }
}
