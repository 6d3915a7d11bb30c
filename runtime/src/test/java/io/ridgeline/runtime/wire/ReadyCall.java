package io.ridgeline.runtime.wire;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;

/// A call that takes whatever it is sent, and notes what it is closed with.
@NullMarked
public class ReadyCall<Q> extends ServerCall<Q, EncodedMessage> {
    /// What it was closed with, in order.
    public final List<Status> closed = new ArrayList<>();

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public void close(Status status, Metadata trailers) {
        closed.add(status);
    }

    @Override
    public void request(int numMessages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(EncodedMessage message) {}

    @Override
    public boolean isCancelled() {
        return false;
    }

    @Override
    public MethodDescriptor<Q, EncodedMessage> getMethodDescriptor() {
        throw new UnsupportedOperationException();
    }
}
