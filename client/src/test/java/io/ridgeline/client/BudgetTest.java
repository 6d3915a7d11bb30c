package io.ridgeline.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BudgetTest {
    private static final long FOREVER = System.nanoTime() + TimeUnit.HOURS.toNanos(1);

    @Test
    void isBoundedInBytesAndInCount() {
        Budget budget = new Budget(100, 3);
        assertThat(budget.tryAcquire(60)).isTrue();
        assertThat(budget.tryAcquire(41)).isFalse();
        assertThat(budget.tryAcquire(40)).isTrue();
        budget.release(1, 60);
        assertThat(budget.tryAcquire(1)).isTrue();
        assertThat(budget.tryAcquire(1)).isTrue();
        assertThat(budget.tryAcquire(1)).as("a fourth").isFalse();
        assertThat(budget.count()).isEqualTo(3);
    }

    @Test
    void letsOneThatIsTooLargePassAlone() {
        Budget budget = new Budget(100, 3);
        assertThat(budget.tryAcquire(500)).isTrue();
        assertThat(budget.tryAcquire(1)).isFalse();
        budget.release(1, 500);
        assertThat(budget.tryAcquire(1)).isTrue();
    }

    @Test
    void wakesWhoWaits() throws Exception {
        Budget budget = new Budget(100, 3);
        assertThat(budget.tryAcquire(100)).isTrue();
        CompletableFuture<Boolean> waiting =
                CompletableFuture.supplyAsync(() -> acquire(budget, FOREVER));
        budget.release(1, 100);
        assertThat(waiting.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void stopsWaitingAtTheDeadline() {
        Budget budget = new Budget(100, 3);
        assertThat(budget.tryAcquire(100)).isTrue();
        assertThat(acquire(budget, System.nanoTime() + 1_000_000)).isFalse();
        assertThat(budget.count()).isEqualTo(1);
    }

    private static boolean acquire(Budget budget, long deadline) {
        try {
            return budget.acquire(50, deadline);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
