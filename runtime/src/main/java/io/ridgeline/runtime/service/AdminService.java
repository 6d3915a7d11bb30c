package io.ridgeline.runtime.service;

import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.ridgeline.api.v1.AdminGrpc;
import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.api.v1.GetStatusRequest;
import io.ridgeline.api.v1.GetStatusResponse;
import io.ridgeline.api.v1.MemberStatus;
import io.ridgeline.api.v1.PartitionStatus;
import io.ridgeline.engine.PartitionStatus.ReplicaStatus;
import io.ridgeline.engine.Protocol;
import io.ridgeline.runtime.node.Node;
import io.ridgeline.runtime.node.NodeVersion;
import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.runtime.shard.ShardLoop;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.topology.Health;
import io.ridgeline.spi.topology.Member;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Operating a node.
@GrpcService
public final class AdminService extends AdminGrpc.AdminImplBase {
    private static final long TIMEOUT_SECONDS = 10;

    private final Node node;

    AdminService(Node node) {
        this.node = node;
    }

    @Override
    public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> observer) {
        List<CompletableFuture<SortedMap<PartitionId, io.ridgeline.engine.PartitionStatus>>> asked =
                node.loops().stream().map(AdminService::ask).toList();
        CompletableFuture<?> _ =
                CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                        // A bucket whose disk stalls must not hold the caller for ever.
                        .orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                        .whenComplete((_, failure) -> answer(observer, asked, failure));
    }

    private void answer(
            StreamObserver<GetStatusResponse> observer,
            List<CompletableFuture<SortedMap<PartitionId, io.ridgeline.engine.PartitionStatus>>>
                    asked,
            @Nullable Throwable failure) {
        if (failure != null) {
            observer.onError(
                    Refusal.of(
                                    ErrorCode.NOT_READY,
                                    "a bucket does not answer; is its disk stalled?")
                            .toException());
            return;
        }
        SortedMap<PartitionId, io.ridgeline.engine.PartitionStatus> all = new TreeMap<>();
        asked.forEach(each -> all.putAll(each.join()));
        observer.onNext(response(all));
        observer.onCompleted();
    }

    private static CompletableFuture<SortedMap<PartitionId, io.ridgeline.engine.PartitionStatus>>
            ask(ShardLoop loop) {
        CompletableFuture<SortedMap<PartitionId, io.ridgeline.engine.PartitionStatus>> answer =
                new CompletableFuture<>();
        loop.submit((shard, nowNanos) -> answer.complete(shard.status()));
        return answer;
    }

    private GetStatusResponse response(
            SortedMap<PartitionId, io.ridgeline.engine.PartitionStatus> partitions) {
        GetStatusResponse.Builder response =
                GetStatusResponse.newBuilder()
                        .setNode(node.configuration().values().node())
                        .setVersion(NodeVersion.text())
                        .setReady(node.isReady())
                        .setCluster(node.clusterId());
        partitions.values().forEach(each -> response.addPartitions(partition(each)));
        for (Member member : node.members()) {
            NodeId name = member.node();
            MemberStatus.Builder status =
                    MemberStatus.newBuilder()
                            .setNode(name.name())
                            .setState(state(member, partitions))
                            .setStartedAtMillis(node.startedAt(member))
                            .setClientAddress(node.clientAddress(name));
            node.protocolVersions(member)
                    .ifPresent(versions ->
                            status.setProtocolMin(versions.min())
                                    .setProtocolMax(versions.max())
                                    .setProtocol(Protocol.VERSIONS.shared(versions).orElse(0)));
            response.addMembers(status);
        }
        return response.build();
    }

    /// Alive: connected, and the engine hears it; suspect: one of the two, or the topology says
    /// that it is alive; down: nothing of that. A member that shares no partition with this node is
    /// only known by its connection and to the topology.
    private String state(
            Member known, SortedMap<PartitionId, io.ridgeline.engine.PartitionStatus> partitions) {
        NodeId member = known.node();
        if (member.equals(node.configuration().node())) {
            return "alive";
        }
        List<ReplicaStatus> shared =
                partitions.values().stream()
                        .flatMap(partition -> partition.replicas().stream())
                        .filter(replica -> replica.node().equals(member))
                        .toList();
        boolean connected = node.isConnected(member);
        boolean heard =
                shared.isEmpty() ? connected : shared.stream().anyMatch(ReplicaStatus::alive);
        if (connected && heard) {
            return "alive";
        }
        return connected || heard || known.health() == Health.ALIVE ? "suspect" : "down";
    }

    private static PartitionStatus partition(io.ridgeline.engine.PartitionStatus status) {
        PartitionStatus.Builder partition =
                PartitionStatus.newBuilder()
                        .setPartition(status.partition().value())
                        .setCoordinator(
                                status.coordinator() == null ? "" : status.coordinator().name())
                        .setEpoch(status.epoch())
                        .setWatermark(status.lastSequence())
                        .setRole(status.role().name())
                        .setUnconfirmedEntries(
                                Math.max(0, status.last().index() - status.watermark().index()));
        status.replicas().forEach(replica -> partition.addReplicas(replica.node().name()));
        return partition.build();
    }
}
