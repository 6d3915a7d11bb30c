package io.ridgeline.runtime.service;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.api.v1.GetRoutingRequest;
import io.ridgeline.api.v1.GetRoutingResponse;
import io.ridgeline.api.v1.NodeAddress;
import io.ridgeline.api.v1.PartitionReplicas;
import io.ridgeline.api.v1.SlotRange;
import io.ridgeline.runtime.append.Coordinators;
import io.ridgeline.runtime.node.Node;
import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.runtime.shard.Partition;
import io.ridgeline.runtime.shard.PartitionTable;
import io.ridgeline.runtime.wire.EncodedMessage;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.event.Slots;
import java.util.SortedSet;
import java.util.TreeSet;

/// One `GetRouting` call.
final class RoutingCall extends ServerCall.Listener<GetRoutingRequest> {
    private final ServerCall<GetRoutingRequest, EncodedMessage> call;
    private final Node node;

    RoutingCall(ServerCall<GetRoutingRequest, EncodedMessage> call, Node node) {
        this.call = call;
        this.node = node;
        call.request(2);
    }

    @Override
    public void onHalfClose() {
        PartitionTable table = node.partitions();
        if (table == null) {
            Refusal.of(ErrorCode.NOT_READY, "the node is starting").end(call::close);
            return;
        }
        call.sendHeaders(new Metadata());
        call.sendMessage(EncodedMessage.of(response(table).toByteArray()));
        call.close(Status.OK, new Metadata());
    }

    private GetRoutingResponse response(PartitionTable table) {
        GetRoutingResponse.Builder response = GetRoutingResponse.newBuilder();
        int begun = 0;
        for (int slot = 1; slot <= Slots.COUNT; slot++) {
            if (slot == Slots.COUNT || table.ofSlot(slot) != table.ofSlot(begun)) {
                response.addSlots(
                        SlotRange.newBuilder()
                                .setCount(slot - begun)
                                .setPartition(table.ofSlot(begun).id().value()));
                begun = slot;
            }
        }
        SortedSet<NodeId> holding = new TreeSet<>();
        for (Partition partition : table.all()) {
            response.addCoordinators(Coordinators.of(partition, node::clientAddress));
            response.addReplicas(
                    PartitionReplicas.newBuilder()
                            .setPartition(partition.id().value())
                            .addAllNodes(partition.replicas().stream().map(NodeId::name).toList()));
            holding.addAll(partition.replicas());
        }
        for (NodeId each : holding) {
            response.addNodes(
                    NodeAddress.newBuilder()
                            .setNode(each.name())
                            .setAddress(node.clientAddress(each)));
        }
        return response.build();
    }
}
