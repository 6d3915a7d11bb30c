package io.ridgeline.runtime.service;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.runtime.wire.EncodedMessage;
import java.util.function.Function;

/// Parses requests where a refusal can still be given: what a marshaller throws reaches the caller
/// as an error of the server's, without its reason.
final class ParsingHandler<Q extends MessageLite>
        implements ServerCallHandler<byte[], EncodedMessage> {
    private final Parser<Q> parser;
    private final Function<ServerCall<Q, EncodedMessage>, ServerCall.Listener<Q>> calls;

    ParsingHandler(
            Parser<Q> parser,
            Function<ServerCall<Q, EncodedMessage>, ServerCall.Listener<Q>> calls) {
        this.parser = parser;
        this.calls = calls;
    }

    // A call takes no requests itself, its listener does; so its type says nothing of what comes.
    @SuppressWarnings("unchecked")
    @Override
    public ServerCall.Listener<byte[]> startCall(
            ServerCall<byte[], EncodedMessage> call, Metadata headers) {
        ServerCall<?, EncodedMessage> any = call;
        return new Listener<>(call, parser, calls.apply((ServerCall<Q, EncodedMessage>) any));
    }

    private static final class Listener<Q> extends ServerCall.Listener<byte[]> {
        private final ServerCall<byte[], EncodedMessage> call;
        private final Parser<Q> parser;
        private final ServerCall.Listener<Q> next;
        private boolean refused;

        Listener(
                ServerCall<byte[], EncodedMessage> call,
                Parser<Q> parser,
                ServerCall.Listener<Q> next) {
            this.call = call;
            this.parser = parser;
            this.next = next;
        }

        @Override
        public void onMessage(byte[] message) {
            if (refused) {
                return;
            }
            Q request;
            try {
                request = parser.parseFrom(message);
            } catch (InvalidProtocolBufferException e) {
                refused = true;
                Refusal.invalid("message", "cannot be read: " + e.getMessage()).end(call::close);
                return;
            }
            next.onMessage(request);
        }

        @Override
        public void onHalfClose() {
            if (!refused) {
                next.onHalfClose();
            }
        }

        @Override
        public void onReady() {
            if (!refused) {
                next.onReady();
            }
        }

        @Override
        public void onCancel() {
            next.onCancel();
        }

        @Override
        public void onComplete() {
            next.onComplete();
        }
    }
}
