package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendStreamRequest;
import io.ridgeline.api.v1.Filter;
import io.ridgeline.api.v1.GetEventRequest;
import io.ridgeline.api.v1.PartitionPosition;
import io.ridgeline.api.v1.Position;
import io.ridgeline.api.v1.ReadAllRequest;
import io.ridgeline.api.v1.ReadPartitionRequest;
import io.ridgeline.api.v1.ReadStreamRequest;
import io.ridgeline.api.v1.RecordedEvent;
import io.ridgeline.api.v1.SubscribeRequest;
import io.ridgeline.api.v1.Tag;
import io.ridgeline.it.events.Failure;
import io.ridgeline.it.events.History;
import io.ridgeline.it.events.Requests;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Node;
import io.ridgeline.it.wire.RawCalls;
import io.ridgeline.it.wire.RawConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever arrives on its port, a node stays up, keeps within its memory, and goes on serving
/// those who behave.
class BadInputIT {
    private static final String STORE = "ridgeline.v1.EventStore/";
    private static final long RESIDENT_BYTES_MAX = 800L << 20;

    private static Node node;

    private static final Random RANDOM = Checkout.random(BadInputIT.class);

    @BeforeAll
    static void start() {
        node = Node.on(Checkout.folder(BadInputIT.class, "node").resolve("data")).start();
        node.events().append(Requests.append(Requests.event("good", "Before", "{}")));
    }

    @AfterAll
    static void stop() {
        History.of(node.events());
        assertThat(node.terminate().exit()).isZero();
    }

    @AfterEach
    void theNodeServesOn() {
        node.events().append(Requests.append(Requests.event("good", "After", "{}")));
        List<RecordedEvent> stream = new ArrayList<>();
        node.events()
                .readStream(ReadStreamRequest.newBuilder().setStream("good").build())
                .forEachRemaining(answer -> stream.addAll(answer.getEventsList()));
        assertThat(stream).hasSizeGreaterThan(1);
        assertThat(node.residentBytes()).as("resident memory").isLessThan(RESIDENT_BYTES_MAX);
    }

    @Test
    void garbage() throws IOException {
        for (int i = 0; i < 200; i++) {
            byte[] bytes = new byte[1 + RANDOM.nextInt(32_768)];
            RANDOM.nextBytes(bytes);
            shout(bytes, false);
        }
    }

    @Test
    void http2FramesOfAnyKind() throws IOException {
        for (int i = 0; i < 200; i++) {
            ByteBuffer frames = ByteBuffer.allocate(1 << 16);
            for (int frame = RANDOM.nextInt(8); frame >= 0; frame--) {
                byte[] payload = new byte[RANDOM.nextInt(4_096)];
                RANDOM.nextBytes(payload);
                boolean honest = RANDOM.nextInt(4) > 0;
                frames.put(
                        RawConnection.frame(
                                RANDOM.nextInt(12),
                                RANDOM.nextInt(256),
                                RANDOM.nextInt(4) == 0 ? RANDOM.nextInt() : RANDOM.nextInt(6),
                                honest ? payload.length : RANDOM.nextInt(1 << 24),
                                payload));
            }
            byte[] bytes = new byte[frames.flip().remaining()];
            frames.get(bytes);
            shout(bytes, true);
        }
    }

    @Test
    void callsThatAreResetAtOnce() throws IOException {
        byte[] cancel = {0, 0, 0, 8};
        try (RawConnection connection = new RawConnection(node.port()).preface()) {
            for (int stream = 1; stream < 20_000; stream += 2) {
                connection.call(stream, STORE + "ReadAll");
                connection.send(RawConnection.frame(RawConnection.RST_STREAM, 0, stream, cancel));
            }
        } catch (IOException e) {
            // The node had enough of it: as good an answer as bearing it.
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {RawConnection.PING, RawConnection.SETTINGS})
    void floodsOfFramesThatWantAnAnswer(int type) throws IOException {
        byte[] frame =
                RawConnection.frame(type, 0, 0, new byte[type == RawConnection.PING ? 8 : 0]);
        ByteBuffer many = ByteBuffer.allocate(frame.length * 1_000);
        while (many.hasRemaining()) {
            many.put(frame);
        }
        try (RawConnection connection = new RawConnection(node.port()).preface()) {
            for (int i = 0; i < 100; i++) {
                connection.send(many.array());
            }
        } catch (IOException e) {
            // The node had enough of it.
        }
    }

    @Test
    void messagesThatLieAboutTheirLength() throws IOException {
        int[] lengths = {-1, Integer.MAX_VALUE, 1 << 30, 64 << 20, 10_000, 1, 0};
        for (int length : lengths) {
            for (int flags : new int[] {0, RawConnection.END_STREAM}) {
                for (int compressed : new int[] {0, 1, 255}) {
                    byte[] lie = RawConnection.message(compressed, length, new byte[500]);
                    try (RawConnection connection = new RawConnection(node.port()).preface()) {
                        connection.call(1, STORE + "Append");
                        connection.send(RawConnection.frame(RawConnection.DATA, flags, 1, lie));
                        connection.closedWithin(30);
                    }
                }
            }
        }
    }

    @Test
    void fuzzedMessages() {
        Map<Status.Code, Integer> ends = new EnumMap<>(Status.Code.class);
        samples()
                .forEach((method, sample) -> {
                    for (int i = 0; i < 300; i++) {
                        byte[] message = mutated(sample.toByteArray());
                        Status.Code end = end(method, message);
                        assertThat(end)
                                .as("%s of %s", method, ByteString.copyFrom(message))
                                .isNotIn(
                                        Status.Code.UNKNOWN,
                                        Status.Code.INTERNAL,
                                        Status.Code.UNAVAILABLE);
                        ends.merge(end, 1, Integer::sum);
                    }
                });
        System.out.println("BadInputIT: fuzzed messages ended in " + ends);
        assertThat(ends).containsKey(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void textThatIsNotUtf8() {
        // NewEvent.stream is field 2; an id, so that nothing else is wrong.
        byte[] id = new byte[16];
        RANDOM.nextBytes(id);
        ByteString event =
                field(1, ByteString.copyFrom(id))
                        .concat(field(2, ByteString.copyFrom(new byte[] {'a', (byte) 0xC3, '('})))
                        .concat(field(3, ByteString.copyFromUtf8("Type")));
        Failure failure =
                Failure.by(() ->
                        RawCalls.call(
                                node.channel(), STORE + "Append", field(3, event).toByteArray()));
        assertThat(failure.status()).as("%s", failure).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(failure.code()).isEqualTo("INVALID_REQUEST");
    }

    @Test
    void conditionsThatTheNodeDoesNotKnow() {
        // A kind of condition from the future: field 15 of AppendCondition.
        ByteString request =
                Requests.append(Requests.event("conditional", "Type", "{}"))
                        .toByteString()
                        .concat(field(2, field(15, ByteString.copyFromUtf8("?"))));
        Failure failure =
                Failure.by(() ->
                        RawCalls.call(node.channel(), STORE + "Append", request.toByteArray()));
        assertThat(failure.code()).as("%s", failure).isEqualTo("INVALID_REQUEST");
        assertThat(failure.metadata()).containsKey("field");
    }

    @Test
    void aMessageBeyondEveryLimit() {
        byte[] message = field(3, field(5, ByteString.copyFrom(new byte[64 << 20]))).toByteArray();
        Failure failure =
                Failure.by(() -> RawCalls.call(node.channel(), STORE + "Append", message));
        assertThat(failure.status())
                .as("%s", failure)
                .isIn(
                        Status.Code.RESOURCE_EXHAUSTED,
                        Status.Code.INVALID_ARGUMENT,
                        // The connection may be closed before the sender has heard why.
                        Status.Code.CANCELLED);
    }

    @Test
    void idleConnections() throws IOException {
        int wanted = Checkout.setting("it.connections", 10_000);
        int possible = Math.min(wanted, openFilesMax() - 1_000);
        if (possible < wanted) {
            System.out.printf(
                    "BadInputIT: only %d of %d connections, raise ulimit -n for more%n",
                    possible, wanted);
        }
        byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        List<SocketChannel> idle = new ArrayList<>();
        try {
            for (int i = 0; i < possible; i++) {
                SocketChannel connection =
                        SocketChannel.open(
                                new InetSocketAddress(
                                        InetAddress.getLoopbackAddress(), node.port()));
                idle.add(connection);
                if (i % 2 == 0) {
                    writeIfOpen(connection, preface);
                }
            }
            // Whether it bears all of them or hangs up on some, those who were there are served.
            theNodeServesOn();
            int closed = 0;
            for (SocketChannel connection : idle) {
                closed += isClosed(connection) ? 1 : 0;
            }
            System.out.printf(
                    "BadInputIT: %d idle connections, %d of them closed by the node, %d MiB resident%n",
                    possible, closed, node.residentBytes() >> 20);
        } finally {
            for (SocketChannel connection : idle) {
                connection.close();
            }
        }
        Awaitility.await("a place for a new connection")
                .untilAsserted(() -> {
                    try (RawConnection connection = new RawConnection(node.port())) {
                        assertThat(connection.preface().closedWithin(50)).isFalse();
                    }
                });
    }

    private static void writeIfOpen(SocketChannel connection, byte[] bytes) {
        try {
            connection.write(ByteBuffer.wrap(bytes));
        } catch (IOException e) {
            // Closed at once: beyond the limit of connections.
        }
    }

    private static boolean isClosed(SocketChannel connection) throws IOException {
        connection.configureBlocking(false);
        ByteBuffer buffer = ByteBuffer.allocate(1_024);
        try {
            while (true) {
                int read = connection.read(buffer.clear());
                if (read <= 0) {
                    return read < 0;
                }
            }
        } catch (IOException e) {
            return true;
        }
    }

    private static void shout(byte[] bytes, boolean preface) throws IOException {
        try (RawConnection connection = new RawConnection(node.port())) {
            if (preface) {
                connection.preface();
            }
            connection.send(bytes);
            connection.closedWithin(5);
        } catch (IOException e) {
            // Hung up on while still speaking.
        }
    }

    private static Map<String, Message> samples() {
        Position position =
                Position.newBuilder()
                        .addPartitions(
                                PartitionPosition.newBuilder().setPartition(1).setSequence(0))
                        .build();
        AppendRequest append =
                Requests.append(
                                Requests.event(UUID.randomUUID(), "fuzzed", "Type", "{}")
                                        .toBuilder()
                                        .addTags(Tag.newBuilder().setKey("k").setValue("v"))
                                        .build())
                        .toBuilder()
                        .setPartitionKey("fuzz")
                        .addConditions(Requests.exactly("fuzzed", 3))
                        .build();
        return Map.of(
                "Append",
                append,
                "AppendStream",
                AppendStreamRequest.newBuilder().addAppends(append).build(),
                "ReadStream",
                ReadStreamRequest.newBuilder()
                        .setStream("good")
                        .setFromVersion(0)
                        .setLimit(5)
                        .build(),
                "ReadPartition",
                ReadPartitionRequest.newBuilder().setPartition(1).setFromSequence(0).build(),
                "ReadAll",
                ReadAllRequest.newBuilder().setAfter(position).setLimit(5).build(),
                "GetEvent",
                GetEventRequest.newBuilder().setId(Requests.bytes(UUID.randomUUID())).build(),
                "Subscribe",
                SubscribeRequest.newBuilder()
                        .setAll(SubscribeRequest.AllSource.newBuilder().setAfter(position))
                        .setFilter(Filter.newBuilder().addTypes("Type"))
                        .build());
    }

    private byte[] mutated(byte[] message) {
        byte[] mutant = message.clone();
        for (int changes = RANDOM.nextInt(4); changes >= 0; changes--) {
            if (mutant.length > 0) {
                mutant[RANDOM.nextInt(mutant.length)] = (byte) RANDOM.nextInt();
            }
        }
        return RANDOM.nextInt(4) == 0
                ? Arrays.copyOf(mutant, RANDOM.nextInt(mutant.length + 20))
                : mutant;
    }

    private static Status.Code end(String method, byte[] message) {
        try {
            RawCalls.call(node.channel(), STORE + method, message);
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    /// {@return a length-delimited field}
    private static ByteString field(int number, ByteString value) {
        ByteString.Output out = ByteString.newOutput();
        CodedOutputStream coded = CodedOutputStream.newInstance(out);
        try {
            coded.writeBytes(number, value);
            coded.flush();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toByteString();
    }

    private static int openFilesMax() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/limits")).stream()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.replaceFirst("Max open files\\s+(\\S+).*", "$1"))
                .mapToInt(soft ->
                        soft.equals("unlimited") ? Integer.MAX_VALUE : Integer.parseInt(soft))
                .findFirst()
                .orElseThrow();
    }
}
