package dev.sluice.worker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.ledger.PartitionId;
import dev.sluice.worker.model.Position;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class KeyOrderTest {
  private static final PartitionId P0 = new PartitionId("requests", 0);
  private static final PartitionId P1 = new PartitionId("requests", 1);

  private static byte[] key(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Position at(int partition, long offset) {
    return new Position("requests", partition, offset, 1);
  }

  @Test
  void whatMayQueueBehindOneKeyIsBoundedAndOthersGoOn() {
    KeyOrder order = new KeyOrder(new Ordering.ByKey(2), false);
    order.join(at(0, 0), key("a"));
    assertThat(order.hasRoom(P0, key("a"))).isTrue();
    order.join(at(0, 1), key("a"));
    assertThat(order.hasRoom(P0, key("a"))).isFalse();
    assertThat(order.hasRoom(P0, key("b"))).isTrue();
    assertThat(order.hasRoom(P1, key("a"))).as("another partition's key").isTrue();
    order.leave(at(0, 0));
    assertThat(order.hasRoom(P0, key("a"))).isTrue();
    order.leave(at(0, 1));
    assertThat(order.size()).as("nothing is kept of a key without records").isZero();
  }

  @Test
  void whatLeavesWithItsPartitionIsForgotten() {
    KeyOrder order = new KeyOrder(new Ordering.ByKey(1), false);
    order.join(at(0, 0), key("a"));
    order.join(at(1, 0), key("a"));
    order.forget(List.of(P0));
    assertThat(order.hasRoom(P0, key("a"))).isTrue();
    assertThat(order.hasRoom(P1, key("a"))).isFalse();
    order.join(at(0, 5), key("a"));
    order.leave(at(0, 0));
    assertThat(order.hasRoom(P0, key("a"))).as("the late one counts for nobody").isFalse();
  }

  @Test
  void withoutAnOrderNobodyWaits() throws InterruptedException {
    KeyOrder order = new KeyOrder(new Ordering.None(), false);
    for (int i = 0; i < 1000; i++) {
      assertThat(order.hasRoom(P0, key("a"))).isTrue();
      order.join(at(0, i), key("a")).await();
    }
    assertThat(order.size()).isZero();
  }

  @Test
  void whatIsStoredInOrderAnywayWaitsForNobodyAndIsStillBounded() throws InterruptedException {
    KeyOrder order = new KeyOrder(new Ordering.ByKey(3), true);
    for (int i = 0; i < 3; i++) {
      assertThat(order.hasRoom(P0, key("a"))).isTrue();
      order.join(at(0, i), key("a")).await();
    }
    assertThat(order.hasRoom(P0, key("a"))).isFalse();
    order.leave(at(0, 1));
    assertThat(order.hasRoom(P0, key("a"))).isTrue();
  }

  /** Whatever threads do, those of one key come through in the order in which they joined. */
  @Test
  void thoseOfOneKeyComeThroughInOrder() throws InterruptedException {
    long seed = System.nanoTime();
    System.out.println("KeyOrderTest.thoseOfOneKeyComeThroughInOrder: seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      KeyOrder order = new KeyOrder(new Ordering.ByKey(1000), false);
      Map<String, List<Long>> through = new ConcurrentHashMap<>();
      List<Thread> threads = new ArrayList<>();
      for (long offset = 0; offset < 100; offset++) {
        String key = "key-" + random.nextInt(5);
        Position position = at(0, offset);
        Turn turn = order.join(position, key(key));
        threads.add(
            Thread.ofVirtual()
                .unstarted(() -> {
                  try {
                    turn.await();
                    through
                        .computeIfAbsent(key, _ -> Collections.synchronizedList(new ArrayList<>()))
                        .add(position.offset());
                    turn.over();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
      }
      Collections.shuffle(threads, random);
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(through.values())
          .as("seed %d", seed)
          .allSatisfy(each -> assertThat(each).isSorted());
      assertThat(through.values().stream().mapToInt(List::size).sum()).isEqualTo(100);
    }
  }
}
