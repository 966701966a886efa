package dev.sluice.tools.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tools.CommandLines;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpCommandTest {
  @TempDir private Path folder;

  @Test
  void aTakenPortIsNamedWithTheOptionThatChangesIt() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CommandLines.Run run =
          CommandLines.run("up", "--registry-port", "" + taken.getLocalPort(), "--kafka-port", "0");

      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err())
          .contains("port " + taken.getLocalPort() + " is taken", "--registry-port");
    }
  }

  @Test
  void whatCannotBeIsAUsageError() {
    assertThat(CommandLines.run("up", "--kafka-port", "70000").exit()).isEqualTo(2);
    CommandLines.Run noFolder =
        CommandLines.run(
            "demo", "--images", folder.resolve("none").toString(), "--out", folder + "/x.html");
    assertThat(noFolder.exit()).isEqualTo(2);
    assertThat(noFolder.err()).contains("none is not a folder");
    CommandLines.Run noImages =
        CommandLines.run("demo", "--images", folder.toString(), "--out", folder + "/x.html");
    assertThat(noImages.exit()).isEqualTo(2);
    assertThat(noImages.err()).contains("no images in this folder");
    assertThat(CommandLines.run("demo", "--task", "text").exit()).isEqualTo(2);
    assertThat(CommandLines.run("demo", "--out", folder + "/no/such/x.html").exit()).isEqualTo(2);
  }
}
