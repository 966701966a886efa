package dev.sluice.tools.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.tools.picture.Photograph;
import dev.sluice.tools.results.Results;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Point;
import dev.sluice.v1.TextLine;
import dev.sluice.v1.TextLines;
import dev.sluice.v1.Timings;
import java.awt.image.BufferedImage;
import java.io.StringReader;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportPageTest {
  private static final Instant WHEN = Instant.parse("2026-11-20T12:00:00Z");
  private static final String HOSTILE =
      "</style></script><script>alert(1)</script><img src=x onerror=alert(1)>\"' &amp;"
          + " \u202e\u0000";

  @Test
  void aPageShowsPicturesFindingsTimesAndFailures() throws Exception {
    String page =
        render(
            List.of(
                entry("sign.jpg", Results.succeeded("a", "", Results.text("STOP", "GO"))),
                new ReportEntry(
                    "broken.jpg",
                    Results.failed("b", "", "IMAGE_CORRUPT", "the file ends early"),
                    new ReportEntry.Picture.Absent("damaged"))),
            List.of("late.jpg"));

    Element body = parse(page);
    assertThat(count(body, "article")).isEqualTo(1);
    assertThat(count(body, "polygon")).as("a rim and a line for each").isEqualTo(4);
    assertThat(count(body, "img")).isEqualTo(1);
    assertThat(page)
        .contains("STOP", "IMAGE_CORRUPT", "the file ends early", "late.jpg", "NO RESULT")
        .contains("data:image/jpeg;base64,")
        .contains("width:77.796%")
        .contains("20 November 2026, 12:00 UTC");
  }

  @Test
  void nothingIsLoadedFromOutside() {
    String page =
        render(List.of(entry("a", Results.succeeded("a", "", Results.text("x")))), List.of());

    assertThat(page)
        .contains("default-src 'none'".replace("'", "&#39;"))
        .doesNotContain("http://", "https://", "<script", "<link", "@import", "url(");
  }

  @Test
  void hostileTextNeverBecomesMarkup() throws Exception {
    InferenceResult text = Results.succeeded("a", "", Results.text(HOSTILE));
    InferenceResult failure = Results.failed("b", "", HOSTILE, HOSTILE);
    InferenceResult model =
        InferenceResult.newBuilder(text).setModel(HOSTILE).setModelVersion(HOSTILE).build();

    String page =
        render(
            List.of(
                entry(HOSTILE, text),
                entry(HOSTILE, model),
                new ReportEntry(HOSTILE, failure, new ReportEntry.Picture.Absent(HOSTILE))),
            List.of(HOSTILE));

    Element root = parse(page);
    assertThat(count(root, "script")).isZero();
    assertThat(count(root, "img")).isEqualTo(2);
    assertThat(page).doesNotContain("\u202e", "\u0000", "<script", "onerror=alert(1)>\"");
  }

  /** Any characters at all leave the page well-formed, with its elements and no others. */
  @Test
  void randomTextKeepsThePagesShape() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 30; i++) {
        text.appendCodePoint(
            random.nextInt(3) == 0
                ? "<>&\"'/=-!".charAt(random.nextInt(9))
                : random.nextInt(0x11000));
      }
      Html html = new Html();
      html.open("p", "title", text.toString()).element("b", text.toString()).close();
      Element p = parse(html.toString());
      assertThat(count(p, "*")).as("seed %d: %s", seed, text).isEqualTo(1);
      assertThat(p.getTextContent()).as("seed %d", seed).isEqualTo(p.getAttribute("title"));
    }
  }

  @Test
  void absurdNumbersDoNotBreakThePage() throws Exception {
    TextLines lines =
        new TextLines(
            List.of(
                new TextLine(
                    "x",
                    Float.NaN,
                    List.of(
                        new Point(Float.NaN, Float.NEGATIVE_INFINITY),
                        new Point(1e30f, Float.POSITIVE_INFINITY)))));
    InferenceResult result =
        InferenceResult.newBuilder(Results.succeeded("a", "", lines))
            .setTimings(
                new Timings(
                    Double.NaN, -5.0, Double.POSITIVE_INFINITY, 0.0, Double.NEGATIVE_INFINITY, 0.0))
            .build();

    String page = render(List.of(entry("a", result)), List.of());

    assertThat(parse(page)).isNotNull();
    assertThat(page).doesNotContain("width:NaN", "width:-", "Infinity%", "points=\"NaN");
  }

  @Test
  void anEmptyReportIsStillAPage() throws Exception {
    assertThat(count(parse(render(List.of(), List.of())), "article")).isZero();
  }

  @Test
  void anElementLeftOpenIsAnError() {
    assertThatThrownBy(() -> new Html().open("p").toString())
        .isInstanceOf(IllegalStateException.class);
  }

  private static String render(List<ReportEntry> entries, List<String> missing) {
    return ReportPage.render("Sluice demo", WHEN, Duration.ofMillis(4300), entries, missing);
  }

  private static ReportEntry entry(String name, InferenceResult result) {
    return new ReportEntry(
        name,
        result,
        new ReportEntry.Picture.Shown(
            new Photograph(new BufferedImage(80, 60, BufferedImage.TYPE_INT_RGB), 80, 60)));
  }

  /** The page is written so that an XML parser reads it too, but for HTML's void elements. */
  private static Element parse(String page) throws Exception {
    String xml =
        page.replaceFirst("<!DOCTYPE html>\n", "").replaceAll("<(meta|img)([^>]*)>", "<$1$2/>");
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)))
        .getDocumentElement();
  }

  private static int count(Element element, String tag) {
    NodeList found = element.getElementsByTagName(tag);
    return found.getLength();
  }
}
