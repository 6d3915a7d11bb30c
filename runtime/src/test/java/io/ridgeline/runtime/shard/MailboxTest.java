package io.ridgeline.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;

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
