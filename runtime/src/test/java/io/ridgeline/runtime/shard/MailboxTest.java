package io.ridgeline.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.engine.Shard;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class MailboxTest {
    /// A lost wake-up would leave the owner asleep for an hour, and the test out of time.
    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void noWakeUpIsLostBetweenTheLastLookAndSleep() throws InterruptedException {
        int senders = 4;
        int each = 20_000;
        Mailbox mailbox = new Mailbox();
        AtomicLong taken = new AtomicLong();
        Thread owner =
                new Thread(() -> {
                    mailbox.own();
                    while (taken.get() < (long) senders * each) {
                        while (mailbox.poll() != null) {
                            taken.incrementAndGet();
                        }
                        if (taken.get() < (long) senders * each) {
                            mailbox.await(TimeUnit.HOURS.toNanos(1));
                        }
                    }
                });
        owner.start();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < senders; i++) {
            Thread sender =
                    new Thread(() -> {
                        for (int n = 0; n < each; n++) {
                            mailbox.put((shard, nowNanos) -> {});
                            if (n % 16 == 0) {
                                // Gives the owner time to fall asleep.
                                LockSupport.parkNanos(1);
                            }
                        }
                    });
            threads.add(sender);
            sender.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        owner.join();
        assertThat(taken.get()).isEqualTo((long) senders * each);
    }

    /// Senders run what they can as guests and put the rest. Neither the shard's count, which
    /// nothing else guards, nor an input may be lost, and each sender's inputs keep their order.
    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void guestsAndTheOwnerNeverMeetAndNothingIsLost() throws InterruptedException {
        int senders = 3;
        int each = 30_000;
        Mailbox mailbox = new Mailbox();
        int[] done = new int[1];
        int[] last = new int[senders];
        AtomicLong guests = new AtomicLong();
        AtomicLong disorder = new AtomicLong();
        Thread owner =
                new Thread(() -> {
                    mailbox.own();
                    while (done[0] < senders * each) {
                        ShardInput input = mailbox.poll();
                        if (input != null) {
                            input.bytes();
                        } else {
                            mailbox.await(TimeUnit.HOURS.toNanos(1));
                        }
                    }
                });
        owner.start();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < senders; i++) {
            int sender = i;
            Thread thread =
                    new Thread(() -> {
                        for (int n = 1; n <= each; n++) {
                            int number = n;
                            ShardInput input =
                                    new Work(() -> {
                                        done[0]++;
                                        if (last[sender] != number - 1) {
                                            disorder.incrementAndGet();
                                        }
                                        last[sender] = number;
                                    });
                            if (mailbox.enter()) {
                                guests.incrementAndGet();
                                input.bytes();
                                mailbox.leave(done[0] == senders * each);
                            } else {
                                mailbox.put(input);
                            }
                            if (n % 16 == 0) {
                                LockSupport.parkNanos(1);
                            }
                        }
                    });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        owner.join();
        assertThat(done[0]).isEqualTo(senders * each);
        assertThat(disorder).hasValue(0);
        assertThat(guests).hasPositiveValue();
    }

    /// Something done by asking for its size, so that no shard is needed.
    private record Work(Runnable task) implements ShardInput {
        @Override
        public void apply(Shard shard, long nowNanos) {
            throw new IllegalStateException();
        }

        @Override
        public int bytes() {
            task.run();
            return 0;
        }
    }

    /// The owner may be up, its time being over, while a guest is still at it.
    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void theOwnerWaitsForAGuestToLeave() throws InterruptedException {
        Mailbox mailbox = new Mailbox();
        AtomicLong awake = new AtomicLong();
        Thread owner =
                new Thread(() -> {
                    mailbox.own();
                    mailbox.await(TimeUnit.HOURS.toNanos(1));
                    awake.set(System.nanoTime());
                });
        owner.start();
        while (!mailbox.enter()) {
            Thread.onSpinWait();
        }
        for (int n = 0; n < 100; n++) {
            // As if its time were over.
            LockSupport.unpark(owner);
            LockSupport.parkNanos(100_000);
        }
        long left = System.nanoTime();
        mailbox.leave(false);
        owner.join();
        assertThat(awake.get()).isGreaterThanOrEqualTo(left);
    }

    @Test
    void admissionGivesRoomBack() {
        Admission admission = new Admission(2, 100);
        assertThat(admission.enter(60)).isTrue();
        assertThat(admission.enter(60)).isFalse();
        assertThat(admission.enter(40)).isTrue();
        assertThat(admission.enter(0)).isFalse();
        admission.leave(1, 60);
        assertThat(admission.enter(60)).isTrue();
    }
}
