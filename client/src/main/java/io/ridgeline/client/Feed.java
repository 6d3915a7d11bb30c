package io.ridgeline.client;

import com.google.protobuf.Message;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// The messages of a read or subscription, which goes on by itself after lost connections. A
/// bounded number of them waits in the client.
///
/// For one thread; only [#close] may come from another.
interface Feed extends AutoCloseable {
    /// Waits for the next message.
    ///
    /// @return null at the end, or once it was closed
    /// @throws RidgelineException if it is hopeless
    byte @Nullable [] next();

    /// The last message said that what was there has been sent.
    ///
    /// @return whether that goes for all that is followed, rather than for the share of one node
    boolean caughtUp();

    @Override
    void close();

    /// Makes the requests of a feed: each asks for what is still missing.
    @FunctionalInterface
    interface Request {
        /// {@return a request for what the reader has not taken yet}
        ///
        /// @param partitions of which; empty for all that the source has
        Message of(SortedSet<Integer> partitions);
    }

    /// {@return the end of a feed whose reader or client was closed}
    static RidgelineException cancelled(String message) {
        return Failure.of(ErrorCode.CANCELLED, Outcome.NOTHING_HAPPENED, message).toException();
    }
}
