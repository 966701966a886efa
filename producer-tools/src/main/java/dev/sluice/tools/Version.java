package dev.sluice.tools;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/**
 * The version that the build wrote down, with what it runs on: the first things to ask for in a
 * report of trouble.
 */
final class Version implements IVersionProvider {

  @Override
  public String[] getVersion() throws IOException {
    Properties build = new Properties();
    try (InputStream written = Version.class.getResourceAsStream("version.properties")) {
      if (written == null) {
        throw new IllegalStateException(
            "version.properties is missing beside " + Version.class.getName() + ": build again");
      }
      build.load(written);
    }
    return new String[] {
      "sluice " + build.getProperty("version"),
      "Java %s (%s), %s %s"
          .formatted(
              System.getProperty("java.version"),
              System.getProperty("java.vendor"),
              System.getProperty("os.name"),
              System.getProperty("os.arch"))
    };
  }
}
