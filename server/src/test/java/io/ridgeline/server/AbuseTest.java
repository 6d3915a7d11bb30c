package io.ridgeline.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.ridgeline.api.v1.EventStoreGrpc;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Whatever comes to the port, the node serves on.
@QuarkusTest
@QuarkusTestResource(TestNode.class)
class AbuseTest {
    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
                    .getBytes(StandardCharsets.ISO_8859_1);

    private final ManagedChannel channel = TestNode.channel();

    @AfterEach
    void disconnect() {
        channel.shutdownNow();
    }

    private void servesOn() {
        assertThat(
                        EventStoreGrpc.newBlockingStub(channel)
                                .withDeadlineAfter(20, TimeUnit.SECONDS)
                                .append(Requests.append("abused"))
                                .getDuplicate())
                .isFalse();
    }

    @Test
    void garbageEndsItsConnectionOnly() throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 100; i++) {
            byte[] garbage = new byte[random.nextInt(1, 50_000)];
            random.nextBytes(garbage);
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), TestNode.port())) {
                OutputStream out = socket.getOutputStream();
                if (i % 2 == 0) {
                    out.write(PREFACE);
                }
                out.write(garbage);
            } catch (IOException e) {
                // The node may hang up before all of it was sent; that is its right.
                assertThat(e).hasMessageMatching("(?i).*(reset|broken pipe|abort).*");
            }
        }
        servesOn();
    }

    @Test
    void idleConnectionsCostLittle() throws IOException {
        List<Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < 1_000; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), TestNode.port());
                idle.add(socket);
                if (i % 2 == 0) {
                    socket.getOutputStream().write(PREFACE);
                }
            }
            servesOn();
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }
}
