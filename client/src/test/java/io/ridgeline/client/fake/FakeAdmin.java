package io.ridgeline.client.fake;

import io.grpc.stub.StreamObserver;
import io.ridgeline.api.v1.AdminGrpc;
import io.ridgeline.api.v1.GetStatusRequest;
import io.ridgeline.api.v1.GetStatusResponse;
import io.ridgeline.api.v1.MemberStatus;
import io.ridgeline.api.v1.PartitionStatus;

final class FakeAdmin extends AdminGrpc.AdminImplBase {
    private final FakeServer server;

    FakeAdmin(FakeServer server) {
        this.server = server;
    }

    @Override
    public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> answers) {
        GetStatusResponse.Builder status =
                GetStatusResponse.newBuilder()
                        .setNode(server.name)
                        .setCluster("test")
                        .setVersion("1.2.3")
                        .setReady(true);
        for (int i = 0; i < MemoryStore.PARTITIONS; i++) {
            if (!server.holds(i)) {
                continue;
            }
            status.addPartitions(
                    PartitionStatus.newBuilder()
                            .setPartition(i)
                            .setCoordinator(server.name)
                            .setEpoch(1)
                            .setWatermark(server.store.partition(i).size() - 1L - server.lag())
                            .addReplicas(server.name)
                            .setRole("COORDINATING"));
        }
        status.addMembers(
                MemberStatus.newBuilder()
                        .setNode(server.name)
                        .setState("alive")
                        .setStartedAtMillis(1_793_491_200_000L)
                        .setProtocolMin(1)
                        .setProtocolMax(2)
                        .setProtocol(2)
                        .setClientAddress(server.address()));
        for (String member : server.members().split(",", -1)) {
            if (!member.isEmpty()) {
                String[] parts = member.split("=", -1);
                status.addMembers(
                        MemberStatus.newBuilder()
                                .setNode(parts[0])
                                .setState("alive")
                                .setClientAddress(parts[1]));
            }
        }
        answers.onNext(status.build());
        answers.onCompleted();
    }
}
