package dev.sluice.tools.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * An HTML page that needs nothing else: its style is inside, and a policy in it forbids the browser
 * to load anything. Pure.
 */
public enum Page {
  /** Tables and charts. */
  FIGURES("figures.css", "default-src 'none'; style-src 'unsafe-inline'"),
  /** Photographs, which are inside as well. */
  PHOTOGRAPHS("report.css", "default-src 'none'; style-src 'unsafe-inline'; img-src data:");

  private final String styleSheet;
  private final String policy;

  Page(String styleSheet, String policy) {
    this.styleSheet = styleSheet;
    this.policy = policy;
  }

  /**
   * The whole page.
   *
   * @param title for the browser
   * @param body writes what the page shows
   */
  public String render(String title, Consumer<Html> body) {
    Html html = new Html();
    html.trusted("<!DOCTYPE html>").line().open("html", "lang", "en").open("head");
    html.open("meta", "charset", "utf-8");
    html.open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    html.open("meta", "http-equiv", "Content-Security-Policy", "content", policy);
    html.open("meta", "name", "color-scheme", "content", "light dark");
    html.element("title", title);
    html.open("style").trusted(style()).close();
    html.close().line().open("body").open("main");
    body.accept(html);
    html.close().close().close().line();
    return html.toString();
  }

  private String style() {
    try (InputStream in = Page.class.getResourceAsStream(styleSheet)) {
      if (in == null) {
        throw new IllegalStateException(styleSheet + " is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
