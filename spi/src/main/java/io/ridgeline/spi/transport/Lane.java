package io.ridgeline.spi.transport;

/// Messages of one lane to one peer arrive in order; lanes do not wait for each other.
public enum Lane {
    /// Small and urgent: heartbeats, takeovers, acknowledgements, confirmations.
    CONTROL,
    /// Writes as they come.
    REPLICATION,
    /// Pages for replicas that are behind; may be slow.
    BULK
}
