package dev.sluice.tools.submit;

import dev.sluice.tools.Pace;
import dev.sluice.tools.Progress;
import dev.sluice.v1.InferenceRequest;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Sends all inputs at a given pace; one that is not usable is told and passed over. One thread. */
final class Sending {
  private final RequestFactory factory;
  private final Pace pace;
  private final RequestSender sender;
  private final Tally tally;
  private final Progress progress;
  private final Predicate<InferenceRequest> announce;

  /**
   * @param announce called before a request is sent; false: its id is taken, and it is not sent
   */
  Sending(
      RequestFactory factory,
      Pace pace,
      RequestSender sender,
      Tally tally,
      Progress progress,
      Predicate<InferenceRequest> announce) {
    this.factory = factory;
    this.pace = pace;
    this.sender = sender;
    this.tally = tally;
    this.progress = progress;
    this.announce = announce;
  }

  /** Returns when every request has been acknowledged or has failed. */
  void sendAll(Inputs inputs) throws IOException, InterruptedException {
    progress.begin("sent", inputs.total());
    try {
      inputs.forEach(input -> {
        switch (input) {
          case Input.Rejected rejected -> tally.rejected(rejected.where(), rejected.problem());
          case Input.Accepted accepted -> send(accepted.draft());
        }
        progress.update(tally.sent(), tally.failed() + tally.rejected());
      });
      sender.flush();
    } finally {
      progress.end();
    }
  }

  private void send(Draft draft) throws InterruptedException {
    InferenceRequest request;
    try {
      request = factory.create(draft);
    } catch (InputException e) {
      tally.rejected(draft.where(), String.valueOf(e.getMessage()));
      return;
    }
    if (!announce.test(request)) {
      tally.rejected(
          draft.where(),
          "its request id "
              + request.getRequestId()
              + " is used twice; results could not be told apart");
      return;
    }
    TimeUnit.NANOSECONDS.sleep(pace.reserve());
    sender.send(request, tally);
  }
}
