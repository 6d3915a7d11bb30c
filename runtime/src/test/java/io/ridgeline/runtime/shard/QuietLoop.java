package io.ridgeline.runtime.shard;

import io.ridgeline.engine.EngineEvent;
import io.ridgeline.engine.Shard;
import io.ridgeline.engine.ShardSettings;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.storage.LogBucket;
import io.ridgeline.spi.storage.PartitionLog;
import io.ridgeline.spi.transport.Lane;
import io.ridgeline.spi.transport.MessageHandler;
import io.ridgeline.spi.transport.Transport;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;

/// A loop whose node holds no partition, hears nobody and is listened to by nobody.
public final class QuietLoop {
    private QuietLoop() {}

    /// {@return one that is not started yet}
    public static ShardLoop of(ShardSettings settings) {
        return of(settings, new NoLog());
    }

    static ShardLoop of(ShardSettings settings, LogBucket log) {
        return new ShardLoop(
                0,
                log,
                new Silence(),
                new Admission(100, 100_000),
                new Deafness(),
                ports -> new Shard(settings, log, ports, new SplittableRandom(1)));
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
