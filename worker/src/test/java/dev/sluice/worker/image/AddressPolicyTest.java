package dev.sluice.worker.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressPolicyTest {
  private static final AddressPolicy PUBLIC_ONLY = policy(List.of());

  /** First, last, and a middle address of each special range, and the neighbours outside. */
  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, UNSPECIFIED",
    "0.0.0.1, RESERVED",
    "0.255.255.255, RESERVED",
    "1.0.0.0, PUBLIC",
    "9.255.255.255, PUBLIC",
    "10.0.0.0, PRIVATE",
    "10.255.255.255, PRIVATE",
    "11.0.0.0, PUBLIC",
    "100.63.255.255, PUBLIC",
    "100.64.0.0, PRIVATE",
    "100.127.255.255, PRIVATE",
    "100.128.0.0, PUBLIC",
    "126.255.255.255, PUBLIC",
    "127.0.0.0, LOOPBACK",
    "127.0.0.1, LOOPBACK",
    "127.255.255.255, LOOPBACK",
    "128.0.0.0, PUBLIC",
    "169.253.255.255, PUBLIC",
    "168.63.129.15, PUBLIC",
    "168.63.129.16, RESERVED",
    "169.254.0.0, LINK_LOCAL",
    "169.254.169.254, LINK_LOCAL",
    "169.254.255.255, LINK_LOCAL",
    "169.255.0.0, PUBLIC",
    "172.15.255.255, PUBLIC",
    "172.16.0.0, PRIVATE",
    "172.31.255.255, PRIVATE",
    "172.32.0.0, PUBLIC",
    "192.0.0.1, RESERVED",
    "192.0.1.0, PUBLIC",
    "192.0.2.7, RESERVED",
    "192.88.99.1, RESERVED",
    "192.167.255.255, PUBLIC",
    "192.168.0.0, PRIVATE",
    "192.168.255.255, PRIVATE",
    "192.169.0.0, PUBLIC",
    "198.17.255.255, PUBLIC",
    "198.18.0.0, RESERVED",
    "198.19.255.255, RESERVED",
    "198.20.0.0, PUBLIC",
    "198.51.100.9, RESERVED",
    "203.0.113.9, RESERVED",
    "223.255.255.255, PUBLIC",
    "224.0.0.0, MULTICAST",
    "239.255.255.255, MULTICAST",
    "240.0.0.0, RESERVED",
    "255.255.255.255, RESERVED",
    "::, UNSPECIFIED",
    "::1, LOOPBACK",
    "::2, RESERVED",
    "::7f00:1, RESERVED",
    "64:ff9b::1.1.1.1, PUBLIC",
    "64:ff9b::10.0.0.1, PRIVATE",
    "64:ff9b::169.254.169.254, LINK_LOCAL",
    "64:ff9b:1::1, RESERVED",
    "100::1, RESERVED",
    "2001::1, RESERVED",
    "2001:db8::1, RESERVED",
    "2001:200::1, PUBLIC",
    "2001:4860:4860::8888, PUBLIC",
    "2002:7f00:1::, RESERVED",
    "2002:808:808::, RESERVED",
    "2606:4700::1111, PUBLIC",
    "3fff::1, RESERVED",
    "3ffe:ffff::1, PUBLIC",
    "4000::1, RESERVED",
    "fbff::1, RESERVED",
    "fc00::1, PRIVATE",
    "fdff:ffff::1, PRIVATE",
    "fe7f::1, RESERVED",
    "fe80::1, LINK_LOCAL",
    "febf::1, LINK_LOCAL",
    "fec0::1, PRIVATE",
    "ff02::1, MULTICAST"
  })
  void knowsSpecialAddresses(String address, AddressKind kind) {
    assertThat(AddressKind.of(InetAddress.ofLiteral(address).getAddress())).isEqualTo(kind);
  }

  /** An IPv4 address is of the same kind when it comes in IPv6 clothes. */
  @Test
  void looksThroughMappedAndTranslatedAddresses() {
    long seed = 20_261_120;
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] plain = new byte[4];
      random.nextBytes(plain);
      byte[] mapped = new byte[16];
      mapped[10] = -1;
      mapped[11] = -1;
      byte[] translated = InetAddress.ofLiteral("64:ff9b::").getAddress();
      System.arraycopy(plain, 0, mapped, 12, 4);
      System.arraycopy(plain, 0, translated, 12, 4);
      assertThat(List.of(AddressKind.of(mapped), AddressKind.of(translated)))
          .as("seed %d, %s", seed, Arrays.toString(plain))
          .containsOnly(AddressKind.of(plain));
    }
  }

  /** CIDR against a plain reading of its definition. */
  @Test
  void containsWhatSharesThePrefix() {
    long seed = 7;
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] network = new byte[random.nextBoolean() ? 4 : 16];
      random.nextBytes(network);
      int prefix = random.nextInt(network.length * 8 + 1);
      for (int bit = prefix; bit < network.length * 8; bit++) {
        network[bit / 8] &= (byte) ~(0x80 >> (bit % 8));
      }
      byte[] address = network.clone();
      int flipped = random.nextInt(network.length * 8);
      address[flipped / 8] ^= (byte) (0x80 >> (flipped % 8));
      assertThat(new AddressRange(network, prefix).contains(address))
          .as("seed %d: /%d, bit %d", seed, prefix, flipped)
          .isEqualTo(flipped >= prefix);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1/",
        "http://127.0.0.1./",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://127.0.0.01/",
        "http://1.2.3.4.5/",
        "http://example.0x1/",
        "http://256.1.1.1/",
        "http://0/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[0:0:0:0:0:ffff:10.0.0.1]/",
        "http://[fe80::1%25eth0]/",
        "http://[64:ff9b::a9fe:a9fe]/latest/meta-data/",
        "http://[2002:7f00:1::]/",
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://127\u3002" + "0\u30020\u30021/",
        "http://\u2460\u2461\u2466.0.0.1/",
        "http://user@example.com/",
        "http://user:secret@example.com/",
        "http://example.com@127.0.0.1/",
        "ftp://example.com/a.jpg",
        "gopher://example.com/",
        "jar:file:/tmp/a.jar!/a.jpg",
        "data:image/png;base64,AAAA",
        "http://exa%6dple.com/",
        "http://exa mple.com/",
        "http://-example.com/",
        "http://example..com/",
        "http:///a.jpg",
        "http:a.jpg",
        "http://",
        "https://example.com:0/",
        "https://example.com:65536/",
        "https://example.com:99999999999/",
        "/etc/passwd",
        "../../etc/passwd",
        "",
        "://",
        "s3://bucket/../other/key",
        "s3://bucket",
        "s3://bucket/",
        "s3://../key",
        "s3://arn:aws:s3:us-east-1:1:accesspoint/key",
        "s3:/bucket/key",
        "file://host/etc/passwd",
        "file:relative",
        "file:///a\u0000b",
        "file:///a%00b",
        "http://example.com/\r\nHost: other"
      })
  void refusesAddressesThatPlayTricks(String address) {
    assertThatThrownBy(
            () -> {
              ImageUri uri = ImageUri.parse(address);
              if (uri instanceof ImageUri.Http http) {
                PUBLIC_ONLY.checkHost(http);
                assertThat(http.host().literal()).as(address).isTrue();
                PUBLIC_ONLY.checkAddresses(
                    http, List.of(InetAddress.ofLiteral(http.host().text())));
              }
            })
        .isInstanceOfSatisfying(
            TaskException.class,
            e -> {
              assertThat(e.code()).isIn(ErrorCode.URI_FORBIDDEN, ErrorCode.INVALID_REQUEST);
              assertThat(e.getMessage()).doesNotContain("secret");
            });
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP://Example.COM, http://example.com/",
    "http://example.com.:80/a, http://example.com/a",
    "https://example.com:443/a?b=c#d, https://example.com/a",
    "https://example.com:8443/a, https://example.com:8443/a",
    "http://b\u00fccher.example/\u00fc, http://xn--bcher-kva.example/%C3%BC",
    "http://my_host:81/a, http://my_host:81/a",
    "http://[2606:4700:0:0::1111]:8080/, http://[2606:4700:0:0:0:0:0:1111]:8080/",
    "http://8.8.8.8/, http://8.8.8.8/",
    "http://example.com//a, http://example.com//a"
  })
  void writesAnAddressInOneForm(String written, String form) {
    assertThat(ImageUri.parse(written)).hasToString(form);
  }

  @Test
  void keepsTheQueryForTheServerAndOutOfMessages() {
    ImageUri.Http uri = http("https://example.com/a.jpg?X-Amz-Signature=secret");
    assertThat(uri.uri()).hasToString("https://example.com/a.jpg?X-Amz-Signature=secret");
    assertThat(uri.toString()).doesNotContain("secret");
  }

  @ParameterizedTest
  @CsvSource({
    // allow entry, address, resolves to, allowed
    "https://*.example.com, https://img.example.com/, 1.1.1.1, true",
    "https://*.example.com, https://a.b.example.com/, 1.1.1.1, true",
    "https://*.example.com, https://example.com/, 1.1.1.1, false",
    "https://*.example.com, https://badexample.com/, 1.1.1.1, false",
    "https://*.example.com, http://img.example.com/, 1.1.1.1, false",
    "https://*.example.com, https://img.example.com:8443/, 1.1.1.1, false",
    "https://*.example.com, https://img.example.com/, 10.0.0.1, false",
    "https://*.example.com, https://img.example.com/, 127.0.0.1, false",
    "https://img.example.com, https://img.example.com/, 10.0.0.1, true",
    "https://img.example.com, https://img.example.com/, 0.0.0.0, false",
    "https://img.example.com, https://img.example.com/, 224.0.0.1, false",
    "https://img.example.com:*, https://img.example.com:8443/, 10.0.0.1, true",
    "img.example.com, http://img.example.com/, 1.1.1.1, true",
    "img.example.com, https://img.example.com/, 1.1.1.1, true",
    "img.example.com, https://img.example.com:1/, 1.1.1.1, false",
    "http://127.0.0.1:8000, http://127.0.0.1:8000/, 127.0.0.1, true",
    "http://127.0.0.1:8000, http://[::ffff:127.0.0.1]:8000/, 127.0.0.1, true",
    "http://127.0.0.1:8000, http://127.0.0.1:8001/, 127.0.0.1, false",
    "http://127.0.0.1:8000, http://127.0.0.2:8000/, 127.0.0.2, false",
    "http://127.0.0.1:8000, http://rebind.example:8000/, 127.0.0.1, true",
    "http://127.0.0.1:8000, http://rebind.example:8000/, 127.0.0.2, false",
    "http://127.0.0.1:8000, http://rebind.example:8000/, 1.1.1.1, false",
    "http://localhost:8000, http://localhost:8000/, 127.0.0.1, true",
    "http://localhost:8000, http://localhost:8000/, ::1, true",
    "10.1.0.0/16:*, http://host.internal:99/, 10.1.2.3, true",
    "10.1.0.0/16, http://host.internal/, 10.2.2.3, false",
    "10.1.0.0/16, http://host.internal/, 1.1.1.1, false",
    "fd00::/8, http://host.internal/, fd12::1, true",
    "[fd00::]/8:81, http://host.internal:81/, fd12::1, true",
    "http://[::1]:8000, http://[::1]:8000/, ::1, true",
    "*, http://anything.example/, 1.1.1.1, true",
    "*, http://anything.example/, 192.168.1.1, false",
    "*:*, http://anything.example:99/, 1.1.1.1, true",
    "s3://bucket, http://anything.example/, 1.1.1.1, false",
    "B\u00dcCHER.example, http://xn--bcher-kva.example/, 1.1.1.1, true"
  })
  void allowsWhatAnEntryMatches(String entry, String address, String resolved, boolean allowed) {
    check(policy(List.of(entry)), address, allowed, resolved);
  }

  @ParameterizedTest
  @CsvSource({
    "example.com, http://example.com:81/, 1.1.1.1, false",
    "example.com, https://example.com/, 1.1.1.1, false",
    "example.com, https://img.example.com/, 1.1.1.1, true",
    "https://*.example.com, https://img.example.com:99/, 1.1.1.1, false",
    "https://*.example.com, http://img.example.com/, 1.1.1.1, true",
    "1.1.1.0/24, http://anything.example:8/, 1.1.1.1, false",
    "1.1.1.0/24, http://anything.example:8/, 1.1.2.1, true",
    "http://example.com:81, http://example.com:81/, 1.1.1.1, false",
    "http://example.com:81, http://example.com/, 1.1.1.1, true"
  })
  void deniesWhatAnEntryMatches(String entry, String address, String resolved, boolean allowed) {
    check(new AddressPolicy(List.of(), List.of(entry)), address, allowed, resolved);
  }

  @Test
  void denyWinsOverAllow() {
    check(
        new AddressPolicy(List.of("*.example.com"), List.of("bad.example.com")),
        "http://bad.example.com/",
        false,
        "1.1.1.1");
  }

  @Test
  void oneBadAddressIsEnough() {
    check(PUBLIC_ONLY, "http://example.com/", true, "1.1.1.1", "2606:4700::1111");
    check(PUBLIC_ONLY, "http://example.com/", false, "1.1.1.1", "10.0.0.1");
    check(PUBLIC_ONLY, "http://example.com/", false, "1.1.1.1", "::1");
  }

  @Test
  void readsBucketsOnlyWhereAnEntryNamesThem() {
    ImageUri.S3 object = (ImageUri.S3) ImageUri.parse("s3://photos/a b/\u00fc?#.jpg");
    assertThat(object.key()).isEqualTo("a b/\u00fc?#.jpg");
    for (AddressPolicy refusing :
        List.of(
            PUBLIC_ONLY,
            policy(List.of("*")),
            policy(List.of("s3://other")),
            new AddressPolicy(List.of("s3://*"), List.of("s3://photos")))) {
      assertThatThrownBy(() -> refusing.checkBucket(object))
          .isInstanceOfSatisfying(
              TaskException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.URI_FORBIDDEN));
    }
    for (String entry : List.of("s3://photos", "s3://*")) {
      assertThatCode(() -> policy(List.of(entry)).checkBucket(object)).doesNotThrowAnyException();
    }
  }

  @Test
  void namesTheEntryThatCannotBeRead() {
    Stream.of(
            "",
            "ftp://example.com",
            "https://example.com/path",
            "https://*example.com",
            "https://a.*.com",
            "http://10.0.0.1/8",
            "http://10.0.0.0/33",
            "http://10.0.0.0/-1",
            "http://example.com:0",
            "http://example.com:http",
            "s3://",
            "s3://bucket/key",
            "http://user@host",
            "http://017.1.1.1")
        .forEach(entry ->
            assertThatIllegalArgumentException()
                .as(entry)
                .isThrownBy(() -> policy(List.of(entry)))
                .withMessageContaining("'" + entry + "'"));
  }

  @Test
  void resolvesRedirectsAgainstWhereTheyCameFrom() {
    ImageUri.Http from = http("https://example.com/a/b.jpg?q");
    assertThat(from.redirect("c.jpg")).hasToString("https://example.com/a/c.jpg");
    assertThat(from.redirect("/c.jpg")).hasToString("https://example.com/c.jpg");
    assertThat(from.redirect("//other.example/c")).hasToString("https://other.example/c");
    assertThat(from.redirect("file:///etc/passwd")).isInstanceOf(ImageUri.LocalFile.class);
    for (String location :
        List.of("http://exa mple/", "javascript:alert(1)", "http://a@b/", "http://")) {
      assertThatThrownBy(() -> from.redirect(location))
          .isInstanceOfSatisfying(
              TaskException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.URI_FORBIDDEN));
    }
  }

  private static void check(
      AddressPolicy policy, String address, boolean allowed, String... resolved) {
    List<InetAddress> addresses = Arrays.stream(resolved).map(InetAddress::ofLiteral).toList();
    if (allowed) {
      assertThatCode(() -> policy.checkAddresses(http(address), addresses))
          .doesNotThrowAnyException();
    } else {
      assertThatThrownBy(() -> policy.checkAddresses(http(address), addresses))
          .isInstanceOfSatisfying(
              TaskException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.URI_FORBIDDEN));
    }
  }

  private static ImageUri.Http http(String address) {
    return (ImageUri.Http) ImageUri.parse(address);
  }

  private static AddressPolicy policy(List<String> allow) {
    return new AddressPolicy(allow, List.of());
  }
}
