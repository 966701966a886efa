package dev.sluice.tools.bench;

import dev.sluice.tools.local.WorkerProcess;
import java.time.Duration;
import java.util.List;

/**
 * Workers that work when they are told to and stand still otherwise, out of a backlog that does not
 * end: each turn begins in the middle of what the last one left, with full pipes, and nothing is
 * done for it beforehand. Used by one thread, which closes it.
 */
final class WorkersInTurns implements AutoCloseable {
  private final List<Long> processes;
  private final double compilersBefore;
  private final Requests requests;
  private final ResultsMeter results;
  private Standstill standstill;

  /**
   * They stand still from now on.
   *
   * @param workers all that answer these requests
   * @param requests to send more with, and all that were ever sent
   * @param results of these workers
   */
  WorkersInTurns(List<WorkerProcess> workers, Requests requests, ResultsMeter results) {
    this.processes = workers.stream().map(WorkerProcess::pid).toList();
    this.compilersBefore = CompilerTime.seconds(processes);
    this.requests = requests;
    this.results = results;
    this.standstill = Standstill.of(processes);
  }

  /**
   * Lets them work for so long, once enough requests wait.
   *
   * @param perSecond more than they do in a second
   */
  ResultsMeter.Window work(Duration duration, double perSecond) throws InterruptedException {
    // Twice what they do, so that the end of the backlog is out of sight.
    long wanted = (long) (2 * perSecond * duration.toMillis() / 1000) + 1;
    requests.burst(Math.max(0, wanted - (requests.sent() - results.count())));
    ResultsMeter.Reading before = results.read();
    long begun = System.nanoTime();
    standstill.close();
    Thread.sleep(duration);
    standstill = Standstill.of(processes);
    long ended = System.nanoTime();
    ResultsMeter.Reading after = results.read();
    return new ResultsMeter.Window(
        (ended - begun) / 1e9, after.count() - before.count(), after.usage().since(before.usage()));
  }

  /** Processor time that their compilers have spent in all turns, in seconds. */
  double compilerSeconds() {
    return CompilerTime.seconds(processes) - compilersBefore;
  }

  /** Lets them go on. */
  @Override
  public void close() {
    standstill.close();
  }
}
