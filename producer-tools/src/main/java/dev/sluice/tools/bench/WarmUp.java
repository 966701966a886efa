package dev.sluice.tools.bench;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/**
 * Lets processes work until their compilers come to rest: a request passes through some thousand
 * methods, and on few cores the last of them are compiled minutes after the first. What is measured
 * afterwards is what a process does for the rest of its days (steady state, as in Georges, Buytaert
 * and Eeckhout, Statistically Rigorous Java Performance Evaluation, OOPSLA 2007), and how much was
 * compiled even so is told.
 *
 * @param step how long they work between two looks at their compilers
 * @param spent processor time up to now, in all
 * @param tell where people are told how it goes
 */
record WarmUp(Duration step, Supplier<Spent> spent, Consumer<String> tell) {
  /** Share of the processor time at which compilers rest; they are never quite still. */
  static final double RESTING = 0.03;

  /** Where they do not come to rest, as with a model of which there are few images a second. */
  static final int MOST_STEPS = 5;

  private static final Duration LIMIT = Duration.ofMinutes(2);

  /**
   * Processor time in seconds.
   *
   * @param all of all processes
   * @param compilers of their compilers
   */
  record Spent(double all, double compilers) {
    /** Of all processes of this run, this one included. */
    static Spent now() {
      return new Spent(
          Usage.now().all(),
          CompilerTime.seconds(
              ProcessHandle.current().descendants().map(ProcessHandle::pid).toList()));
    }

    /** Which share of what was spent since an earlier moment the compilers had. */
    double compilersShareSince(Spent before) {
      double grown = all - before.all;
      return grown > 0 ? Math.max(0, compilers - before.compilers) / grown : 0;
    }
  }

  /** What is done meanwhile. */
  interface Work<T> {
    /** Works for about so long. */
    T run(Duration duration) throws InterruptedException;
  }

  /** Of the processes of a scenario: as long as was asked for, or longer. */
  static WarmUp of(Bench bench, String scenario) {
    return inSteps(bench.settings().warmUp(), bench, scenario);
  }

  /** Of processes that begin anew in each round: as long as was asked for, or shorter. */
  static WarmUp within(Bench bench, String scenario) {
    return inSteps(bench.settings().warmUp().dividedBy(MOST_STEPS), bench, scenario);
  }

  private static WarmUp inSteps(Duration step, Bench bench, String scenario) {
    return new WarmUp(step, Spent::now, text -> bench.tell(scenario + ": " + text));
  }

  /**
   * Works at a load, open loop, each step until all of its requests are answered; the meter forgets
   * them.
   */
  void at(double perSecond, long seed, Requests requests, LatencyMeter meter)
      throws InterruptedException {
    OpenLoop traffic = new OpenLoop(requests, perSecond, seed);
    Histogram _ =
        run(duration -> {
          long wanted = meter.count() + traffic.run(duration);
          requests.flush();
          meter.await(wanted, LIMIT);
          return meter.take();
        });
  }

  /** Returns what came of the last step. */
  <T> T run(Work<T> work) throws InterruptedException {
    for (int number = 1; ; number++) {
      Spent before = spent.get();
      T last = work.run(step);
      double share = spent.get().compilersShareSince(before);
      boolean over = share <= RESTING || number == MOST_STEPS;
      tell.accept(
          String.format(
              Locale.ROOT,
              "warming up, %d of at most %d: compilers took %.1f %% of the processor time%s",
              number,
              MOST_STEPS,
              100 * share,
              over ? "" : ", so once more"));
      if (over) {
        return last;
      }
    }
  }
}
