package io.ridgeline.runtime.node;

import io.ridgeline.engine.Limits;
import io.ridgeline.engine.Protocol;
import io.ridgeline.engine.ShardSettings;
import io.ridgeline.engine.Timings;
import io.ridgeline.engine.rule.Rules;
import io.ridgeline.runtime.config.RidgelineConfig;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.Run;
import io.ridgeline.spi.quorum.QuorumPolicy;
import java.util.List;
import java.util.SortedMap;
import java.util.UUID;

/// Says to the engine what is configured.
final class EngineSettings {
    private EngineSettings() {}

    static ShardSettings of(
            RidgelineConfig config,
            Run self,
            int bucket,
            UUID clusterId,
            SortedMap<PartitionId, List<NodeId>> replicas,
            QuorumPolicy quorum) {
        return new ShardSettings(
                self,
                bucket,
                clusterId,
                replicas,
                quorum,
                limits(config.limits()),
                timings(config.timings()),
                Protocol.VERSIONS,
                Rules.ALL);
    }

    private static Timings timings(RidgelineConfig.Timings timings) {
        Timings base = Timings.DEFAULT;
        return new Timings(
                timings.heartbeat().toNanos(),
                timings.detector().toNanos(),
                timings.lostConnection().toNanos(),
                timings.takeoverStep().toNanos(),
                timings.takeover().toNanos(),
                base.resendNanos(),
                base.resendMaxNanos(),
                base.bufferAgeNanos(),
                timings.handBack().toNanos(),
                timings.transfer().toNanos(),
                timings.syncLate().toNanos());
    }

    /// What a bucket admits must fit each of its partitions, since all of it may be for one.
    private static Limits limits(RidgelineConfig.Limits limits) {
        Limits base = Limits.DEFAULT;
        return new Limits(
                limits.queuedAppends(),
                limits.queuedBytes().asLongValue(),
                limits.queuedAppends(),
                base.forwardedMax(),
                Math.toIntExact(limits.transactionBytes().asLongValue()),
                base.replicateBytesMax(),
                base.windowBytesMax(),
                base.windowEntriesMax(),
                base.pageBytesMax(),
                base.bulkBytesPerTurnMax(),
                base.bufferEntriesMax(),
                base.bufferBytesMax(),
                base.frameBytesMax(),
                base.digestEntriesMax(),
                base.hopsMax(),
                base.behindEntriesMax(),
                base.epochStepMax());
    }
}
