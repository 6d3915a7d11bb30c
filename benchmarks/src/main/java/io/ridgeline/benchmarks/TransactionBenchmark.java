package io.ridgeline.benchmarks;

import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.LogPosition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What encoding, sealing and reading a transaction of 256-byte events costs.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TransactionBenchmark {
    private static final PartitionId PARTITION = new PartitionId(0);

    /// Events in the transaction.
    @Param({"1", "100"})
    public int events;

    private List<NewEvent> newEvents = List.of();
    private Transaction transaction = Transaction.of("none", List.of(event(0)));
    private ByteBuffer encoded = ByteBuffer.allocate(0);

    private static NewEvent event(int number) {
        return new NewEvent(
                new UUID(1, number),
                "orders-42",
                "OrderPaid",
                "",
                1_700_000_000_000_000L + number,
                0,
                List.of(),
                ByteBuffer.allocate(0),
                ByteBuffer.allocate(256));
    }

    /// Makes the input.
    @Setup
    public void setUp() {
        List<NewEvent> made = new ArrayList<>();
        for (int i = 0; i < events; i++) {
            made.add(event(i));
        }
        newEvents = made;
        transaction = Transaction.of("orders-42", newEvents);
        encoded = Entry.of(PARTITION, new LogPosition(1, 1), transaction).encoded();
    }

    /// What the thread that receives an append does.
    @Benchmark
    public Transaction encode() {
        return Transaction.of("orders-42", newEvents);
    }

    /// What the coordinator does to make an entry of it.
    @Benchmark
    public Entry seal() {
        transaction.assign(7, new long[] {3});
        return Entry.of(PARTITION, new LogPosition(1, 1), transaction);
    }

    /// What a reader does before it hands events on: verify, parse, walk.
    @Benchmark
    public long read() {
        Events cursor = Entry.decode(encoded.duplicate()).transaction().events();
        long sum = 0;
        while (cursor.next()) {
            sum += cursor.sequence() + cursor.version();
        }
        return sum;
    }
}
