package dev.sluice.devstack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PortsTest {
  /** Tests run in several JVMs side by side, whose ports are told apart by this alone. */
  @Test
  void testsDrawFromAPartThatIsTheirJvmsOwn() {
    int part = Integer.getInteger("sluice.ports.part", 0);

    List<Integer> ports = Stream.generate(Ports::free).limit(200).toList();

    assertThat(ports)
        .doesNotHaveDuplicates()
        .allSatisfy(port -> assertThat((port - 20_000) / 3_000).isEqualTo(part));
  }
}
