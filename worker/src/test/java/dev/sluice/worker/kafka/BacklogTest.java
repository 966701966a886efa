package dev.sluice.worker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.worker.ledger.PartitionId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class BacklogTest {
  private static final PartitionId P0 = new PartitionId("requests", 0);
  private static final PartitionId P1 = new PartitionId("requests", 1);
  private final Backlog backlog = new Backlog();
  private final List<String> seen = new ArrayList<>();
  private int offered;

  private static List<ConsumerRecord<byte[], byte[]>> records(
      PartitionId partition, long... offsets) {
    return LongStream.of(offsets)
        .mapToObj(offset ->
            new ConsumerRecord<>(
                partition.topic(), partition.partition(), offset, new byte[0], new byte[0]))
        .toList();
  }

  private void offer(int room, PartitionId... full) {
    backlog.offerTo(
        new Backlog.Taker() {
          private int left = room;

          @Override
          public Backlog.Answer take(PartitionId partition, ConsumerRecord<byte[], byte[]> record) {
            offered++;
            if (left == 0) {
              return Backlog.Answer.FULL;
            }
            if (List.of(full).contains(partition)) {
              return Backlog.Answer.NOT_NOW;
            }
            left--;
            seen.add(partition.partition() + "@" + record.offset());
            return Backlog.Answer.TAKEN;
          }

          @Override
          public void reached(PartitionId partition, long offset) {
            seen.add(partition.partition() + " reached " + offset);
          }
        });
  }

  @Test
  void partitionsTakeTurnsAndKeepTheirOrder() {
    backlog.add(P0, records(P0, 1, 2, 5), 9);
    backlog.add(P1, records(P1, 7), 8);
    offer(10);
    assertThat(seen).containsExactly("0@1", "1@7", "1 reached 8", "0@2", "0@5", "0 reached 9");
    assertThat(backlog.isEmpty()).isTrue();
    assertThat(backlog.size()).isZero();
  }

  @Test
  void knowsTheFirstOffsetThatWaits() {
    backlog.add(P0, records(P0, 3, 5), 9);
    assertThat(backlog.firstOffset(P0)).hasValue(3);
    assertThat(backlog.firstOffset(P1)).isEmpty();
    offer(1);
    assertThat(backlog.firstOffset(P0)).hasValue(5);
    offer(1);
    assertThat(backlog.firstOffset(P0)).isEmpty();
  }

  /** Places become free one by one; the first partition must not get them all. */
  @Test
  void theTurnGoesOnFromCallToCall() {
    backlog.add(P0, records(P0, 1, 2, 3), 4);
    backlog.add(P1, records(P1, 7, 8, 9), 10);
    for (int i = 0; i < 4; i++) {
      offer(1);
    }
    assertThat(seen).containsExactly("0@1", "1@7", "0@2", "1@8");
  }

  @Test
  void aFullTakerIsNotAskedForEachPartitionAndGetsTheSameRecordNext() {
    for (int i = 0; i < 1000; i++) {
      PartitionId partition = new PartitionId("requests", i);
      backlog.add(partition, records(partition, 1), 2);
    }
    offer(0);
    offer(1, P0);
    assertThat(seen).containsExactly("1@1", "1 reached 2");
    assertThat(offered).isEqualTo(1 + 3);
    offer(0, P0);
    offer(1);
    assertThat(seen).endsWith("2@1", "2 reached 2");
  }

  @Test
  void aTakerThatFailsLosesNothing() {
    backlog.add(P0, records(P0, 1, 2), 3);
    assertThatThrownBy(() ->
            backlog.offerTo(
                new Backlog.Taker() {
                  @Override
                  public Backlog.Answer take(
                      PartitionId partition, ConsumerRecord<byte[], byte[]> record) {
                    throw new IllegalStateException("of the test");
                  }

                  @Override
                  public void reached(PartitionId partition, long offset) {}
                }))
        .isInstanceOf(IllegalStateException.class);
    offer(10);
    assertThat(seen).containsExactly("0@1", "0@2", "0 reached 3");
  }

  @Test
  void aFullPartitionDoesNotHoldUpAnother() {
    backlog.add(P0, records(P0, 1, 2), 3);
    backlog.add(P1, records(P1, 7), 8);
    offer(10, P0);
    assertThat(seen).containsExactly("1@7", "1 reached 8");
    assertThat(backlog.partitions()).containsExactly(P0);
    assertThat(backlog.size()).isEqualTo(2);
  }

  @Test
  void whatFindsNoRoomStaysInOrderBeforeWhatComesLater() {
    backlog.add(P0, records(P0, 1, 2), 3);
    offer(1);
    backlog.add(P0, records(P0, 3), 4);
    offer(10);
    assertThat(seen).containsExactly("0@1", "0@2", "0@3", "0 reached 4");
  }

  @Test
  void aGapWithoutRecordsIsReachedAtOnce() {
    backlog.add(P0, List.of(), 42);
    offer(0);
    assertThat(seen).containsExactly("0 reached 42");
    assertThat(backlog.isEmpty()).isTrue();
  }

  @Test
  void whatIsDroppedIsNotOfferedAgain() {
    backlog.add(P0, records(P0, 1, 2), 3);
    backlog.add(P1, records(P1, 7), 8);
    backlog.drop(List.of(P0));
    offer(10);
    assertThat(seen).containsExactly("1@7", "1 reached 8");
    assertThat(backlog.size()).isZero();
  }
}
