package dev.sluice.worker.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URL;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoggingTest {
  private static final String FORGED = "2026-11-20T10:00:00.000Z ERROR [main] Worker {} stolen";
  private static final List<String> BREAKS =
      List.of("\n", "\r", "\r\n", "\u0085", "\u2028", "\u000b");

  @Test
  void textShowsWhichRequestALineIsAbout() throws Exception {
    String line =
        text(event("image fetched", Map.of("request_id", "r-1", "topic", "t", "offset", "7")));

    assertThat(line)
        .contains("INFO ", "LoggingTest", "request_id=r-1", "topic=t", "offset=7")
        .endsWith("image fetched\n");
    assertThat(line.lines()).hasSize(1);
  }

  @Test
  void aHostileMessageOrRequestIdCannotForgeALineOfText() throws Exception {
    for (String lineBreak : BREAKS) {
      String hostile = "x" + lineBreak + FORGED + "\u001b[2J";
      String line = text(event(hostile, Map.of("request_id", hostile)));

      assertThat(line.strip()).doesNotContainPattern("[\\p{Cntrl}\\u0085\\u2028\\u2029]");
      assertThat(line.lines()).noneMatch(one -> one.startsWith(FORGED)).hasSize(1);
    }
  }

  @Test
  void aHostileExceptionMessageCannotForgeALineOfText() throws Exception {
    for (String lineBreak : BREAKS) {
      LoggingEvent event = event("failed", Map.of());
      event.setThrowableProxy(
          new ch.qos.logback.classic.spi.ThrowableProxy(
              new IllegalStateException("x" + lineBreak + FORGED)));
      List<String> lines = text(event).lines().toList();

      assertThat(lines).hasSizeGreaterThan(2);
      assertThat(lines.getFirst()).endsWith("failed");
      assertThat(lines.subList(1, lines.size())).allMatch(line -> line.startsWith("    "));
      assertThat(lines)
          .anyMatch(line -> line.contains("at dev.sluice.worker.telemetry.LoggingTest"));
    }
  }

  @Test
  void jsonIsOneObjectALineWhateverTheRequestSays() throws Exception {
    for (String lineBreak : BREAKS) {
      String hostile = "x" + lineBreak + FORGED + "\",\"level\":\"ERROR\"";
      LoggingEvent event =
          event(hostile, Map.of("request_id", hostile, "partition", "3", "offset", "7"));
      event.setThrowableProxy(
          new ch.qos.logback.classic.spi.ThrowableProxy(new IllegalStateException(hostile)));
      String line = encoded("json", event);

      assertThat(line).endsWith("\n");
      assertThat(line.strip().chars()).noneMatch(c -> c == '\n' || c == '\r');
      JsonNode json = new ObjectMapper().readTree(line);
      assertThat(json.path("level").asText()).isEqualTo("INFO");
      assertThat(json.path("formattedMessage").asText()).isEqualTo(hostile);
      assertThat(json.path("mdc").path("request_id").asText()).isEqualTo(hostile);
      assertThat(json.path("mdc").path("partition").asText()).isEqualTo("3");
      assertThat(json.path("throwable").path("message").asText()).isEqualTo(hostile);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"org.apache.kafka.clients.NetworkClient", "io.confluent.kafka", "org.apache.avro"})
  void theClientsChatterIsLeftOut(String logger) throws Exception {
    assertThat(configured(Map.of()).getLogger(logger).getEffectiveLevel()).isEqualTo(Level.WARN);
  }

  @Test
  void theLevelComesFromTheEnvironment() throws Exception {
    assertThat(configured(Map.of()).getLogger("dev.sluice").getEffectiveLevel())
        .isEqualTo(Level.INFO);
    assertThat(
            configured(Map.of("SLUICE_LOG_LEVEL", "DEBUG"))
                .getLogger("dev.sluice")
                .getEffectiveLevel())
        .isEqualTo(Level.DEBUG);
  }

  private static String text(LoggingEvent event) throws JoranException {
    return encoded("text", event);
  }

  private static String encoded(String format, LoggingEvent event) throws JoranException {
    Logger root =
        configured(Map.of("SLUICE_LOG_FORMAT", format)).getLogger(Logger.ROOT_LOGGER_NAME);
    if (root.getAppender("console") instanceof OutputStreamAppender<ILoggingEvent> appender) {
      return new String(appender.getEncoder().encode(event), UTF_8);
    }
    throw new AssertionError("there is no appender " + format);
  }

  private static LoggingEvent event(String message, Map<String, String> mdc) {
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    LoggingEvent event =
        new LoggingEvent(
            "", context.getLogger(LoggingTest.class), Level.INFO, message, null, new Object[0]);
    event.setMDCPropertyMap(mdc);
    return event;
  }

  /** The worker's own logback.xml; context properties stand for environment variables. */
  private static LoggerContext configured(Map<String, String> environment) throws JoranException {
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    environment.forEach(context::putProperty);
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    URL file = LoggingTest.class.getResource("/logback.xml");
    assertThat(file).isNotNull();
    configurator.doConfigure(file);
    assertThat(context.getStatusManager().getCopyOfStatusList())
        .allMatch(status -> status.getLevel() < ch.qos.logback.core.status.Status.WARN);
    return context;
  }
}
