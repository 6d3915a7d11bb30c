package io.ridgeline.spi.topology;

/// How a member is, as far as its topology knows. Says nothing about the member's replicas, whose
/// heartbeats the engine follows itself.
public enum Health {
    /// It gave a sign of life lately.
    ALIVE,
    /// It gave none for some time. It stays a member: it may hold what nobody else does.
    SUSPECT,
    /// This topology does not follow how members are.
    UNKNOWN
}
