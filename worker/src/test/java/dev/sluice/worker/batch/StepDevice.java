package dev.sluice.worker.batch;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A device that stays in its call until the test says how the call ends. */
final class StepDevice implements DeviceCall<String, String> {
  private final BlockingQueue<List<String>> calls = new LinkedBlockingQueue<>();
  private final BlockingQueue<Function<List<String>, List<String>>> ends =
      new LinkedBlockingQueue<>();

  @Override
  public List<String> run(List<String> batch) {
    calls.add(batch);
    try {
      return ends.take().apply(batch);
    } catch (InterruptedException e) {
      throw new AssertionError("nobody may interrupt a device call", e);
    }
  }

  /** Waits until the device is called next and returns the batch. */
  List<String> nextCall() throws InterruptedException {
    List<String> batch = calls.poll(10, TimeUnit.SECONDS);
    if (batch == null) {
      throw new AssertionError("the device was not called within 10 s");
    }
    return batch;
  }

  boolean wasCalledAgain() {
    return !calls.isEmpty();
  }

  void answer() {
    end(StepDevice::shout);
  }

  void end(Function<List<String>, List<String>> how) {
    ends.add(how);
  }

  static List<String> shout(List<String> batch) {
    return batch.stream().map(item -> item + "!").toList();
  }
}
