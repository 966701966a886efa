package dev.sluice.tools.dlt;

import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Goes through dead letters and hands on the requests in those that are meant. One thread. */
final class Replayer implements TopicScan.Visitor {
  private final Selection selection;
  private final ReplayRules rules;
  private final ReplayTally tally;
  private final ReplaySink sink;
  private final BooleanSupplier stop;

  /**
   * @param stop whether somebody wants this to stop
   */
  Replayer(
      Selection selection,
      ReplayRules rules,
      ReplayTally tally,
      ReplaySink sink,
      BooleanSupplier stop) {
    this.selection = selection;
    this.rules = rules;
    this.tally = tally;
    this.sink = sink;
    this.stop = stop;
  }

  @Override
  public boolean visit(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
    if (stop.getAsBoolean() || !selection.offer(record, this::take)) {
      return false;
    }
    sink.passed(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
    return true;
  }

  private boolean take(DeadLetter letter, Payload payload) throws InterruptedException {
    return switch (rules.decide(letter)) {
      case ReplayDecision.Refuse(Refusal reason) -> {
        tally.refused(reason, letter.place());
        yield true;
      }
      case ReplayDecision.Send(var record) ->
          sink.send(
              new Outgoing(
                  letter,
                  record,
                  new ReplayTally.Group(letter.code(), payload.origin(), record.topic())));
    };
  }
}
