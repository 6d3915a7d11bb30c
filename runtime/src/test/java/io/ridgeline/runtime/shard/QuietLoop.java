package io.ridgeline.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.Limits;
import io.ridgeline.engine.Protocol;
import io.ridgeline.engine.Shard;
import io.ridgeline.engine.ShardSettings;
import io.ridgeline.engine.Timings;
import io.ridgeline.engine.rule.Rules;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.quorum.Quorum;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.storage.PartitionLog;
import io.ridgeline.spi.transport.Lane;
import io.ridgeline.spi.transport.MessageHandler;
import io.ridgeline.spi.transport.Transport;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/// A loop of node `a`, which holds no partition, hears nobody and is listened to by nobody.
public final class QuietLoop {
    /// The cluster that its messages are of.
    public static final UUID CLUSTER = new UUID(1, 2);

    private QuietLoop() {}

    /// {@return one that is not started yet}
    ///
    /// @param elsewhere the partitions that other nodes hold
    public static ShardLoop of(SortedMap<PartitionId, List<NodeId>> elsewhere) {
        return of(elsewhere, new NoLog());
    }

    static ShardLoop of(SortedMap<PartitionId, List<NodeId>> elsewhere, LogBucket log) {
        return new ShardLoop(
                0,
                log,
                new Silence(),
                new Admission(100, 100_000),
                new Deafness(),
                ports -> new Shard(settings(elsewhere), log, ports, new SplittableRandom(1)));
    }

    private static ShardSettings settings(SortedMap<PartitionId, List<NodeId>> replicas) {
        return new ShardSettings(
                new Run(new NodeId("a"), 1),
                0,
                CLUSTER,
                replicas,
                n -> new Quorum(n, n / 2 + 1, n / 2 + 1),
                Limits.DEFAULT,
                Timings.DEFAULT,
                Protocol.VERSIONS,
                Rules.ALL);
    }

    /// Stops it; whatever was given to it was no failure.
    public static void stop(ShardLoop loop) throws InterruptedException {
        loop.stop(TimeUnit.SECONDS.toNanos(1));
        assertThat(loop.awaitEnd(TimeUnit.SECONDS.toNanos(10))).isTrue();
        assertThat(loop.failure()).isNull();
    }

    /// Has no partitions and writes nothing.
    static class NoLog implements LogBucket {
        @Override
        public boolean isDirty() {
            return false;
        }

        @Override
        public void sync() {}

        @Override
        public boolean maintain() {
            return false;
        }

        @Override
        public long clientBytesFree() {
            return Long.MAX_VALUE;
        }

        @Override
        public SortedSet<PartitionId> partitions() {
            return Collections.unmodifiableSortedSet(new TreeSet<>());
        }

        @Override
        public PartitionLog open(PartitionId partition) {
            throw new AssertionError("there are no partitions");
        }

        @Override
        public void close() {}
    }

    private static final class Silence implements Transport {
        @Override
        public void start(MessageHandler handler) {}

        @Override
        public boolean send(NodeId to, Lane lane, ByteBuffer message) {
            return false;
        }

        @Override
        public void flush() {}

        @Override
        public int messageBytesMax() {
            return 1 << 20;
        }

        @Override
        public void close() {}
    }

    private static final class Deafness implements LoopListener {
        @Override
        public void onEvent(ShardLoop loop, EngineEvent event) {}

        @Override
        public void onTurn(ShardLoop loop, int appends, int bytes) {}

        @Override
        public void onAnswered(ShardLoop loop, long queueNanos, long confirmNanos) {}

        @Override
        public void onSynced(ShardLoop loop, long nanos) {}

        @Override
        public void onLoopFailed(ShardLoop loop, Throwable failure) {}
    }
}
