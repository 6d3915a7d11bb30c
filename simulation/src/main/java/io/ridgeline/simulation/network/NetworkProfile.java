package io.ridgeline.simulation.network;

/// How a network behaves when nothing in particular is wrong with it.
///
/// @param delayNanos the least delay of a message
/// @param jitterNanos what is added at most
/// @param loss probability that a message is lost
/// @param duplicate probability that it arrives twice
/// @param reorder probability that it does not keep the order of its lane
/// @param hold probability that it is held for a very long time
/// @param holdNanosMax how long at most
public record NetworkProfile(
        long delayNanos,
        long jitterNanos,
        double loss,
        double duplicate,
        double reorder,
        double hold,
        long holdNanosMax) {

    /// {@return a network of that delay without any fault}
    public static NetworkProfile calm(long delayNanos) {
        return new NetworkProfile(delayNanos, delayNanos / 2, 0, 0, 0, 0, 0);
    }

    /// {@return the same delays without faults}
    public NetworkProfile calmed() {
        return new NetworkProfile(delayNanos, jitterNanos, 0, 0, 0, 0, 0);
    }
}
