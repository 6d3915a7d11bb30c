package io.ridgeline.runtime.remote;

import io.ridgeline.spi.NodeId;

/// Another node did not answer: it took too long, or there is no connection to it.
public final class NoAnswerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param node that was asked
    public NoAnswerException(NodeId node) {
        // Where in our code it was found out helps nobody and costs time.
        super("node " + node + " does not answer", null, false, false);
    }
}
