package io.ridgeline.it.wire;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/// gRPC calls whose messages are any bytes.
public final class RawCalls {
    private RawCalls() {}

    /// Sends one message and waits for the first answer or the end of the call.
    ///
    /// @param method such as `ridgeline.v1.EventStore/Append`
    /// @return whether there was an answer
    public static boolean call(Channel channel, String method, byte[] message) {
        MethodDescriptor<byte[], byte[]> descriptor =
                MethodDescriptor.<byte[], byte[]>newBuilder()
                        .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
                        .setFullMethodName(method)
                        .setRequestMarshaller(new Bytes())
                        .setResponseMarshaller(new Bytes())
                        .build();
        ClientCall<byte[], byte[]> call =
                channel.newCall(
                        descriptor, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
        Iterator<byte[]> answers = ClientCalls.blockingServerStreamingCall(call, message);
        boolean answered = answers.hasNext();
        call.cancel("the first answer is enough", null);
        return answered;
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
