package dev.sluice.tools.submit;

import dev.sluice.tools.KafkaOptions;
import dev.sluice.tools.Pace;
import dev.sluice.tools.Progress;
import dev.sluice.tools.TopicOptions;
import dev.sluice.tools.results.ResultJoin;
import dev.sluice.tools.results.ResultReader;
import dev.sluice.tools.results.ResultRows;
import dev.sluice.v1.InferenceResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.UUID;
import java.util.function.Consumer;

/** Submits images by their addresses and waits for all results: what the demo does. */
public final class AddressSubmission {
  private AddressSubmission() {}

  /**
   * The images below a folder, by their names in it, each with the address under which a server
   * serves it.
   *
   * @param base the address of the folder
   * @throws IOException if there are none
   */
  public static SequencedMap<String, URI> imagesIn(Path folder, URI base) throws IOException {
    Path root = folder.toRealPath();
    FileTransport server = new FileTransport.BaseAddress(base, root);
    SequencedMap<String, URI> addresses = new LinkedHashMap<>();
    for (Input input : PathInputs.expand(List.of(root.toString()))) {
      switch (input) {
        case Input.Rejected rejected ->
            throw new IOException(rejected.where() + ": " + rejected.problem());
        case Input.Accepted accepted -> {
          Path file = Path.of(accepted.draft().image().name());
          try {
            if (server.send(file) instanceof FileTransport.Image.Reference reference) {
              addresses.put(root.relativize(file).toString(), URI.create(reference.uri()));
            }
          } catch (InputException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
          }
        }
      }
    }
    return addresses;
  }

  /**
   * Sends a request for each address and waits as long as one result comes within {@code gap} of
   * another.
   *
   * @param addresses by what a person calls the image
   * @param listener told about each result when it comes
   * @param err for remarks
   */
  public static ResultJoin run(
      KafkaOptions kafka,
      TopicOptions topics,
      SequencedMap<String, URI> addresses,
      Duration gap,
      Consumer<InferenceResult> listener,
      PrintWriter err)
      throws IOException, InterruptedException {
    Progress progress = new Progress(err, false, System::nanoTime);
    ResultJoin join = new ResultJoin();
    Tally tally = new Tally(progress::remark, (request, where) -> {});
    RequestFactory factory =
        new RequestFactory(
            new RequestDefaults("", "", "", "", Map.of(), Map.of()),
            new FileTransport.FileAddress(),
            () -> UUID.randomUUID().toString(),
            InstantSource.system());
    try (ResultReader reader = ResultReader.open(kafka, topics.results(), progress::remark);
        RequestSender sender =
            RequestSender.open(kafka, topics.requests(), new KeyStrategy.RequestId(), 0)) {
      reader.seekToEnd();
      new Sending(
              factory,
              new Pace(Double.POSITIVE_INFINITY, System::nanoTime),
              sender,
              tally,
              progress,
              request -> join.expect(request.getRequestId(), ResultRows.sourceOf(request)))
          .sendAll(inputs(addresses));
      // What could not be sent stays without a result, and shows as such.
      boolean _ = new Waiting(reader, join, progress, listener).whileTheyCome(gap);
    }
    return join;
  }

  private static Inputs inputs(SequencedMap<String, URI> addresses) {
    List<Input> inputs = new ArrayList<>();
    addresses.forEach((name, uri) ->
        inputs.add(
            new Input.Accepted(
                new Draft(
                    name,
                    new ImageReference.Address(uri),
                    "",
                    "",
                    "",
                    "",
                    "",
                    Map.of(),
                    Map.of(RequestFactory.SOURCE, name)))));
    return new Inputs(inputs, List.of(), inputs.size());
  }
}
