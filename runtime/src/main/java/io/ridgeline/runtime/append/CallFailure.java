package io.ridgeline.runtime.append;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.jboss.logging.Logger;

/// The end of a call that cannot be answered.
final class CallFailure {
    private static final Logger LOG = Logger.getLogger(CallFailure.class);

    private CallFailure() {}

    /// Ends the call, so that nobody waits for an answer that will not come. Throws nothing: the
    /// shard whose thread found out must not be hurt.
    static void end(ServerCall<?, ?> call, RuntimeException cause) {
        if (call.isCancelled()) {
            LOG.debug("call ended while it was answered", cause);
            return;
        }
        LOG.error("an append cannot be answered, by a failure of the program", cause);
        try {
            call.close(Status.INTERNAL.withDescription("internal error: " + cause), new Metadata());
        } catch (IllegalStateException e) {
            LOG.debug("the call had been closed", e);
        }
    }
}
