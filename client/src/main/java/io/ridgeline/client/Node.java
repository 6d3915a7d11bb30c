package io.ridgeline.client;

import io.grpc.ManagedChannel;

/// A server: its channel, the appends on their way to it, and whether it is worth trying.
final class Node {
    final String address;
    final ManagedChannel channel;
    private volatile int failures;
    private volatile long retryAtNanos;
    private volatile boolean unreachable;
    private volatile String problem = "";

    Node(String address, ManagedChannel channel) {
        this.address = address;
        this.channel = channel;
    }

    /// It did not accept the connection, lost it or does not answer.
    void failed(long nowNanos, boolean neverConnected, String why) {
        problem = why;
        unreachable = neverConnected;
        // Racing failures of several calls count once or twice: only the length of a pause is at
        // stake.
        int count = failures + 1;
        failures = count;
        retryAtNanos = nowNanos + Backoff.millis(count) * 1_000_000;
    }

    void answered() {
        if (failures != 0) {
            failures = 0;
            unreachable = false;
        }
    }

    boolean isUsable(long nowNanos) {
        return failures == 0 || nowNanos - retryAtNanos >= 0;
    }

    long nanosUntilUsable(long nowNanos) {
        return failures == 0 ? 0 : Math.max(0, retryAtNanos - nowNanos);
    }

    boolean isUnreachable() {
        return failures > 0 && unreachable;
    }

    /// {@return why it was last given up}
    String problem() {
        return problem;
    }

    @Override
    public String toString() {
        return address;
    }
}
