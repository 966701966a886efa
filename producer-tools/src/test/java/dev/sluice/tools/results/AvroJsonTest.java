package dev.sluice.tools.results;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.v1.Embedding;
import dev.sluice.v1.Tensor;
import dev.sluice.v1.Tensors;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class AvroJsonTest {

  @Test
  void aResultReadsAsItsSchemaSays() {
    JsonNode json = AvroJson.of(Results.succeeded("a", "ü.jpg", Results.text("STOP")));

    assertThat(json.get("request_id").textValue()).isEqualTo("a");
    assertThat(json.get("status").textValue()).isEqualTo("SUCCEEDED");
    assertThat(json.at("/output/lines/0/text").textValue()).isEqualTo("STOP");
    assertThat(json.at("/output/lines/0/polygon/2/x").floatValue()).isEqualTo(60f);
    assertThat(json.get("completed_at").textValue()).isEqualTo("2026-11-20T12:00:00Z");
    assertThat(json.at("/timings/batch_wait").doubleValue()).isEqualTo(0.5);
    assertThat(json.get("error").isNull()).isTrue();
    assertThat(json.at("/metadata/source").textValue()).isEqualTo("ü.jpg");
  }

  @Test
  void bytesAreBase64AndWhatJsonCannotSayIsNull() {
    Tensors tensors =
        new Tensors(
            List.of(
                new Tensor("out", "UINT8", List.of(3L), ByteBuffer.wrap(new byte[] {1, 2, -1}))));
    assertThat(AvroJson.of(Results.succeeded("a", "a", tensors)).at("/output/tensors/0/data"))
        .hasToString("\"AQL/\"");
    Embedding embedding = new Embedding(List.of(1f, Float.NaN, Float.POSITIVE_INFINITY));
    assertThat(AvroJson.of(Results.succeeded("a", "a", embedding)).at("/output/values"))
        .hasToString("[1.0,null,null]");
  }
}
