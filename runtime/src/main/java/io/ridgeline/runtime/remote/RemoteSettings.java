package io.ridgeline.runtime.remote;

import io.ridgeline.runtime.config.RidgelineConfig;
import java.time.Duration;

/// What requests to another node may take and cost.
///
/// @param appendTimeout how long an append that is sent on may take
/// @param boundTimeout how long another node may take to say how far a read must see
/// @param appendsMax appends that one other node has been sent and has not answered
/// @param boundsMax the same for questions of reads; as many wait for their turn
/// @param retryDelay before a question is repeated; doubles
/// @param circuitRequests of how many requests in a row a circuit knows how they ended
/// @param circuitFailureRatio the part of them that must have failed for the circuit to open
/// @param circuitDelay how long it stays open
/// @param circuitProbes how many requests must then be answered for it to close
public record RemoteSettings(
        Duration appendTimeout,
        Duration boundTimeout,
        int appendsMax,
        int boundsMax,
        Duration retryDelay,
        int circuitRequests,
        double circuitFailureRatio,
        Duration circuitDelay,
        int circuitProbes) {

    /// {@return what is configured}
    public static RemoteSettings of(RidgelineConfig.FaultTolerance config) {
        return new RemoteSettings(
                config.appendTimeout(),
                config.boundTimeout(),
                config.appends(),
                config.bounds(),
                config.retryDelay(),
                config.circuit().requests(),
                config.circuit().failureRatio(),
                config.circuit().delay(),
                config.circuit().probes());
    }
}
