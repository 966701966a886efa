package dev.sluice.worker.model;

import static java.util.Objects.requireNonNull;

/** Where the image of a request comes from. */
public sealed interface ImageSource {
  /**
   * The encoded image travelled in the request.
   *
   * @param bytes the encoded image; not copied, never written to
   */
  record Inline(byte[] bytes) implements ImageSource {
    public Inline {
      requireNonNull(bytes, "bytes is null");
    }

    @Override
    public String toString() {
      return "Inline[" + bytes.length + " bytes]";
    }
  }

  /**
   * The image is to be fetched.
   *
   * @param uri as the producer wrote it: hostile until the address policy has seen it
   */
  record Remote(String uri) implements ImageSource {
    public Remote {
      requireNonNull(uri, "uri is null");
    }
  }
}
