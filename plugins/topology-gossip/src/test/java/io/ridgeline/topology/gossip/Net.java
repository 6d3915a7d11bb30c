package io.ridgeline.topology.gossip;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiPredicate;

/// Nodes of a test in virtual time, a second at a step: each ticks, and asks those that it chooses.
final class Net {
    private final SortedMap<Integer, TestNode> byPort = new TreeMap<>();
    private final SortedMap<String, List<HostPort>> seeds = new TreeMap<>();
    private BiPredicate<String, String> link = (_, _) -> true;
    private double seconds;

    Net add(TestNode node, String... seed) {
        byPort.put(TestNode.port(node.name), node);
        List<HostPort> places = new ArrayList<>();
        for (String each : seed) {
            places.add(new HostPort("10.0.0.1", TestNode.port(each)));
        }
        seeds.put(node.name, places);
        return this;
    }

    void remove(String name) {
        byPort.remove(TestNode.port(name));
    }

    TestNode node(String name) {
        return Objects.requireNonNull(byPort.get(TestNode.port(name)));
    }

    /// Which node reaches which.
    void links(BiPredicate<String, String> reaches) {
        link = reaches;
    }

    long now() {
        return TestNode.nanos(seconds);
    }

    void run(int steps) {
        for (int i = 0; i < steps; i++) {
            seconds++;
            for (TestNode node : List.copyOf(byPort.values())) {
                node.membership.onTick(now());
                for (HostPort to :
                        node.membership.partners(
                                seeds.getOrDefault(node.name, List.of()), node.random())) {
                    TestNode other = byPort.get(to.port());
                    if (other != null && link.test(node.name, other.name)) {
                        node.ask(other, now());
                    }
                }
            }
        }
    }
}
