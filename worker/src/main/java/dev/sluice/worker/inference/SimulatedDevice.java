package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.worker.inference.SimulatedSettings.Control;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device that only takes time, and fails when its control file says so, with the words in which
 * ONNX Runtime reports the same failure of a real one. It lets tests and benchmarks of everything
 * around the device run without one. Shared by the lanes of a model, whose threads call it at once.
 *
 * <p>The control file is read at the start of every call. What counts calls ({@code error_calls},
 * {@code wedge_calls}) begins anew whenever the file's text has changed.
 */
final class SimulatedDevice {
  private static final Logger LOG = LoggerFactory.getLogger(SimulatedDevice.class);

  private final SimulatedSettings settings;
  private final Pause pause;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private String text = "";

  @GuardedBy("lock")
  private SimulatedFaults faults;

  @GuardedBy("lock")
  private int errorsLeft;

  @GuardedBy("lock")
  private int wedgesLeft;

  /** For good, as with a real one: what the file says afterwards changes nothing. */
  @GuardedBy("lock")
  private boolean gone;

  /** Lets time pass; in tests it only notes how much. */
  interface Pause {
    void pause(Duration time);
  }

  /** What one call is to be like, decided when it begins. */
  private sealed interface Plan {
    record Answer(Duration takes) implements Plan {}

    record Fail(Duration takes, String message) implements Plan {}
  }

  SimulatedDevice(SimulatedSettings settings, Pause pause) {
    this.settings = requireNonNull(settings, "settings is null");
    this.pause = requireNonNull(pause, "pause is null");
    this.faults = SimulatedFaults.none(settings.cost());
  }

  /** Parks the calling thread: it burns no processor time while the device "works". */
  static void park(Duration time) {
    long until = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /**
   * One call.
   *
   * @param colors of its images, one for each
   * @throws RuntimeException as {@link DeviceErrors#classified}, when the control file asks for it
   */
  void call(Collection<String> colors) {
    switch (plan(colors)) {
      case Plan.Answer(Duration takes) -> pause.pause(takes);
      case Plan.Fail(Duration takes, String message) -> {
        pause.pause(takes);
        throw DeviceErrors.classified(
            "the simulated device failed on a batch of " + colors.size(),
            message,
            new SimulatedFailure(message));
      }
    }
  }

  private Plan plan(Collection<String> colors) {
    lock.lock();
    try {
      readControl();
      gone |= faults.gone();
      if (gone) {
        return new Plan.Fail(
            Duration.ZERO,
            "CUDA failure 700: an illegal memory access was encountered ; GPU=0 ;"
                + " hostname=simulated ; expr=cudaStreamSynchronize(stream);");
      }
      if (colors.size() > faults.maxBatch()) {
        return new Plan.Fail(
            Duration.ZERO,
            "Non-zero status code returned while running Conv node. Status Message:"
                + " BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of"
                + " size "
                + colors.size() * 1_000_000L);
      }
      Duration takes = faults.cost().of(colors.size()).plus(faults.slow());
      if (wedgesLeft > 0) {
        wedgesLeft--;
        takes = takes.plus(faults.wedge());
      }
      if (errorsLeft > 0) {
        errorsLeft--;
        return new Plan.Fail(takes, "an error that its control file asked for");
      }
      for (String color : colors) {
        if (faults.poison().contains(color)) {
          return new Plan.Fail(takes, "an image is " + color + ", which its control file forbids");
        }
      }
      return new Plan.Answer(takes);
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void readControl() {
    if (!(settings.control() instanceof Control.At(Path file))) {
      return;
    }
    String now = contents(file);
    if (now.equals(text)) {
      return;
    }
    text = now;
    try {
      faults = SimulatedFaults.read(now, settings.cost());
      errorsLeft = faults.errorCalls();
      wedgesLeft = faults.wedgeCalls();
      LOG.info("the simulated device obeys {}: {}", file, faults);
    } catch (IllegalArgumentException wrong) {
      LOG.error("{} is not obeyed, what it said before holds: {}", file, wrong.getMessage());
    }
  }

  /** Nothing, while there is no file. */
  private static String contents(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException _) {
      return "";
    } catch (IOException unreadable) {
      throw new IllegalStateException("cannot read the control file " + file, unreadable);
    }
  }

  /** Stands where a real device's error would. */
  private static final class SimulatedFailure extends Exception {
    private static final long serialVersionUID = 1L;

    SimulatedFailure(String message) {
      super(message);
    }
  }
}
