package io.ridgeline.simulation.plan;

/// One fault.
///
/// @param atNanos when it strikes
/// @param forNanos how long it lasts
/// @param target the node that is hit, or −1 − p for the coordinator of partition p
/// @param other a second node
/// @param amount from 0 to 1: how bad, or where
public record Fault(
        FaultKind kind, long atNanos, long forNanos, int target, int other, double amount) {

    @Override
    public String toString() {
        String who = target < 0 ? "coordinator of " + (-1 - target) : "n" + target;
        return "%s at %.3f s for %.3f s: %s, n%d, %.3f"
                .formatted(kind, atNanos / 1e9, forNanos / 1e9, who, other, amount);
    }
}
