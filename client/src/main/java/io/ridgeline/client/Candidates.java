package io.ridgeline.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The nodes that one request is put to, one after the other until one answers: those that hold
/// what it asks for, as far as that is known, and else any. For one thread at a time.
final class Candidates {
    private final Nodes nodes;
    private final Supplier<List<Node>> replicas;
    private final Runnable onWrongNode;
    private final boolean divisible;

    /// Those that a refusal named, or all after one that is about its node and this request only.
    private List<Node> named = List.of();

    /// The place among the replicas of the one to try next. At random at first, so that not all go
    /// to the same one.
    private int turn = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE / 2);

    private boolean anyFailed;

    /// @param replicas the nodes that hold what is asked for; empty if they are not known
    /// @param onWrongNode is told that a node was asked that is not among them
    /// @param divisible whether a node that holds only some of it is a reason to ask several, each
    ///   for a share
    Candidates(
            Nodes nodes, Supplier<List<Node>> replicas, Runnable onWrongNode, boolean divisible) {
        this.nodes = nodes;
        this.replicas = replicas;
        this.onWrongNode = onWrongNode;
        this.divisible = divisible;
    }

    /// {@return whom to ask for what every node has}
    ///
    /// @param divisible whether a node that holds only some of it is a reason to ask several
    static Candidates any(Nodes nodes, boolean divisible) {
        return new Candidates(nodes, List::of, () -> {}, divisible);
    }

    /// {@return a node worth trying now; null if all are to be left alone for a while}
    @Nullable Node next(long nowNanos) {
        List<Node> holding = holding();
        Node any = nodes.any(nowNanos);
        if (holding.isEmpty() || (!anyFailed && any != null && holding.contains(any))) {
            return any;
        }
        for (int i = 0; i < holding.size(); i++) {
            Node node = holding.get((turn + i) % holding.size());
            if (node.isUsable(nowNanos)) {
                return node;
            }
        }
        // They may be reachable at other addresses, those that the user gave.
        return any;
    }

    private List<Node> holding() {
        return named.isEmpty() ? replicas.get() : named;
    }

    /// {@return whether another attempt may succeed}
    boolean mayTryOn(Failure failure) {
        return failure.code().isTransient()
                && !(divisible && failure.code() == ErrorCode.NOT_REPLICA);
    }

    /// A node failed, or refused for now.
    ///
    /// @return whether it named others, which are worth trying at once
    boolean failed(Node node, Failure failure) {
        if (failure.code() == ErrorCode.NOT_REPLICA) {
            onWrongNode.run();
            List<Node> others = named(failure);
            if (!others.isEmpty()) {
                boolean news = !others.equals(named);
                named = others;
                return news;
            }
        }
        if (failure.code() != ErrorCode.CIRCUIT_OPEN) {
            nodes.avoid(node);
        } else if (holding().isEmpty()) {
            // It does not get through to one coordinator; others' requests may need no other node.
            named = List.copyOf(nodes.all());
        }
        anyFailed = true;
        turn = holding().indexOf(node) + 1;
        return false;
    }

    private List<Node> named(Failure refusal) {
        List<Node> others = new ArrayList<>();
        for (String address :
                refusal.details().getOrDefault("replica_addresses", "").split(",", -1)) {
            Node node = address.isEmpty() ? null : nodes.at(address);
            if (node != null) {
                others.add(node);
            }
        }
        return others;
    }
}
