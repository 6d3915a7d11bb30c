package io.ridgeline.transport.libp2p.lane;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.tck.TransportContract;
import io.ridgeline.spi.transport.Transport;
import java.util.ArrayList;
import java.util.List;

class Libp2pTransportContractTest extends TransportContract {
    @Override
    protected List<Transport> transports(List<NodeId> nodes) {
        TestCluster cluster = new TestCluster(nodes.toArray(new NodeId[0]));
        List<Transport> transports = new ArrayList<>();
        for (NodeId node : nodes) {
            NodeId[] others =
                    nodes.stream().filter(each -> !each.equals(node)).toArray(NodeId[]::new);
            transports.add(
                    cluster.transport(
                            node, new TestTopology(cluster.view(node, others)), 16 << 20));
        }
        return transports;
    }
}
