package io.ridgeline.engine.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.Expectation;
import io.ridgeline.engine.StreamCondition;
import io.ridgeline.engine.StreamVersions;
import io.ridgeline.engine.message.NodeMessage.DigestEntry;
import io.ridgeline.engine.message.NodeMessage.ExecuteAnswer;
import io.ridgeline.engine.message.NodeMessage.ExecuteForward;
import io.ridgeline.engine.message.NodeMessage.Heartbeat;
import io.ridgeline.engine.message.NodeMessage.OutdatedRun;
import io.ridgeline.engine.message.NodeMessage.Phase;
import io.ridgeline.engine.message.PartitionMessage.ConfirmTransaction;
import io.ridgeline.engine.message.PartitionMessage.MemoryLost;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncRequest;
import io.ridgeline.engine.message.PartitionMessage.PartitionSyncResponse;
import io.ridgeline.engine.message.PartitionMessage.PollAnswer;
import io.ridgeline.engine.message.PartitionMessage.PollRequest;
import io.ridgeline.engine.message.PartitionMessage.ReplicateRefusal;
import io.ridgeline.engine.message.PartitionMessage.ReplicateWrite;
import io.ridgeline.engine.message.PartitionMessage.ReplicateWriteAck;
import io.ridgeline.engine.message.PartitionMessage.RoundAnswer;
import io.ridgeline.engine.message.PartitionMessage.RoundRequest;
import io.ridgeline.engine.message.PartitionMessage.Superseded;
import io.ridgeline.engine.message.PartitionMessage.TakeoverPromise;
import io.ridgeline.engine.message.PartitionMessage.TakeoverRefusal;
import io.ridgeline.engine.message.PartitionMessage.TakeoverRequest;
import io.ridgeline.engine.message.PartitionMessage.TransferConsent;
import io.ridgeline.engine.message.PartitionMessage.TurnPassed;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.ProtocolVersions;
import io.ridgeline.spi.event.NewEvent;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Tag;
import io.ridgeline.spi.event.Transaction;
import io.ridgeline.spi.storage.Entry;
import io.ridgeline.spi.storage.LogPosition;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// What goes over the wire, byte for byte.
class CodecTest {
    private static final UUID CLUSTER = new UUID(11, 12);
    private static final PartitionId P = new PartitionId(7);
    private static final Header H = new Header(P, 1, 300, new UUID(1, 2));
    private static final StreamKey S = new StreamKey("key", "s");

    private static LogPosition at(long index, long epoch) {
        return new LogPosition(index, epoch);
    }

    private static Transaction transaction() {
        return Transaction.of(
                "key",
                List.of(
                        new NewEvent(
                                new UUID(3, 4),
                                "s",
                                "opened",
                                "",
                                1_000,
                                0,
                                List.of(new Tag("a", "b")),
                                ByteBuffer.allocate(0),
                                ByteBuffer.wrap("{}".getBytes(StandardCharsets.UTF_8)))));
    }

    private static Entry entry() {
        Transaction transaction = transaction();
        transaction.assign(40, new long[] {5});
        return Entry.of(P, at(9, 2), transaction);
    }

    /// One of each kind, and of each variant with a layout of its own.
    static Map<String, Message> samples() {
        Map<String, Message> all = new LinkedHashMap<>();
        all.put("write", new ReplicateWrite(H, at(8, 2), at(6, 1), List.of(entry())));
        all.put("write-empty", new ReplicateWrite(H, at(0, 0), at(0, 0), List.of()));
        all.put("ack", new ReplicateWriteAck(H, 9, 12));
        all.put("refusal", new ReplicateRefusal(H, 8, at(7, 2), 5));
        all.put("superseded", new Superseded(H, 299));
        all.put("confirm", new ConfirmTransaction(H, at(9, 2)));
        all.put("sync-request", new PartitionSyncRequest(H, Purpose.REPAIR, at(8, 2), 99));
        all.put(
                "sync-response",
                new PartitionSyncResponse(
                        H, Purpose.ADOPT, at(8, 2), true, 0, at(9, 2), at(8, 2), List.of(entry())));
        all.put("poll-request", new PollRequest(H, -5));
        all.put("poll-answer", new PollAnswer(H, -5, true, false, true, at(9, 2), at(8, 2)));
        all.put("takeover-request", new TakeoverRequest(H, true, List.of(new UUID(1, 2))));
        all.put("takeover-promise", new TakeoverPromise(H, at(9, 2), at(8, 2)));
        all.put("takeover-refusal", new TakeoverRefusal(H, 299, false));
        all.put("turn-passed", new TurnPassed(H));
        all.put("transfer-consent", new TransferConsent(H, true));
        all.put("round-request", new RoundRequest(H, 77));
        all.put("round-answer", new RoundAnswer(H, 77));
        all.put("memory-lost", new MemoryLost(H, 12));
        all.put(
                "heartbeat",
                new Heartbeat(
                        8,
                        1_700_000_000_000L,
                        7,
                        new ProtocolVersions(1, 2),
                        -1,
                        true,
                        List.of(
                                new DigestEntry(
                                        P, 1, 300, Phase.COORDINATING, at(9, 2), at(8, 2)))));
        all.put(
                "forward",
                new ExecuteForward(
                        6,
                        P,
                        1,
                        List.of(new NodeId("a")),
                        5_000,
                        List.of(
                                new StreamCondition(S, new Expectation.Any()),
                                new StreamCondition(S, new Expectation.NoStream()),
                                new StreamCondition(S, new Expectation.StreamExists()),
                                new StreamCondition(S, new Expectation.ExactVersion(4))),
                        transaction()));
        results().forEach((name, result) -> all.put(name, new ExecuteAnswer(6, result)));
        all.put("outdated", new OutdatedRun(1_700_000_000_000L));
        return all;
    }

    private static Map<String, AppendResult> results() {
        Map<String, AppendResult> all = new LinkedHashMap<>();
        all.put(
                "appended",
                new AppendResult.Appended(
                        P, 1, 40, 41, List.of(new StreamVersions(S, 5, 6)), true));
        all.put(
                "version-conflict",
                new AppendResult.VersionConflict(P, S, new Expectation.NoStream(), -1));
        for (AppendResult.EventIdConflict.Reason reason :
                AppendResult.EventIdConflict.Reason.values()) {
            all.put(
                    "id-conflict-" + reason,
                    new AppendResult.EventIdConflict(P, new UUID(3, 4), reason));
        }
        all.put(
                "not-coordinator",
                new AppendResult.NotCoordinator(P, new NodeId("b"), 3, List.of(new NodeId("a"))));
        all.put("no-coordinator", new AppendResult.NotCoordinator(P, null, 3, List.of()));
        all.put("quorum-unavailable", new AppendResult.QuorumUnavailable(P, 2, 1));
        all.put("overloaded", new AppendResult.Overloaded(P, "pendingBytesMax", 9));
        all.put("storage-full", new AppendResult.StorageFull(P));
        all.put("too-large", new AppendResult.TooLarge(P, 10, 9));
        all.put("unknown-partition", new AppendResult.UnknownPartition(P));
        all.put("stopping", new AppendResult.Stopping(P));
        all.put("stopped", new AppendResult.Stopped(P, "disk"));
        all.put("discarded", new AppendResult.Discarded(P));
        for (AppendResult.Indeterminate.Cause cause : AppendResult.Indeterminate.Cause.values()) {
            all.put("indeterminate-" + cause, new AppendResult.Indeterminate(P, cause));
        }
        return all;
    }

    private static byte[] frame(Message... messages) {
        FrameWriter out = new FrameWriter(CLUSTER, 3, 1_700_000_000_001L, 16);
        for (Message message : messages) {
            out.add(message);
        }
        ByteBuffer bytes = out.finish();
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return copy;
    }

    private static List<Message> read(byte[] frame) {
        FrameReader in = new FrameReader(ByteBuffer.wrap(frame));
        List<Message> all = new ArrayList<>();
        for (Message next = in.next(); next != null; next = in.next()) {
            all.add(next);
        }
        return all;
    }

    private static Map<String, String> golden() throws IOException {
        Map<String, String> lines = new LinkedHashMap<>();
        try (InputStream in = CodecTest.class.getResourceAsStream("/golden-messages.txt")) {
            if (in == null) {
                throw new IOException("no golden-messages.txt");
            }
            for (String line :
                    new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
                String[] parts = line.split(" ", 2);
                lines.put(parts[0], parts[1]);
            }
        }
        return lines;
    }

    @Test
    void everyMessageIsEncodedAsItAlwaysWas() throws IOException {
        Map<String, String> now = new LinkedHashMap<>();
        samples()
                .forEach(
                        (name, message) -> now.put(name, HexFormat.of().formatHex(frame(message))));

        assertThat(now).containsExactlyEntriesOf(golden());
    }

    @Test
    void everyMessageIsReadAsItWasWritten() {
        samples()
                .forEach((name, message) -> {
                    byte[] first = frame(message);
                    List<Message> again = read(first);
                    assertThat(again).as(name).hasSize(1);
                    assertThat(frame(again.getFirst())).as(name).isEqualTo(first);
                });
    }

    @Test
    void theFrameSaysWhoSpeaks() {
        FrameReader in = new FrameReader(ByteBuffer.wrap(frame()));

        assertThat(in.header()).isEqualTo(new FrameHeader(0, CLUSTER, 3, 1_700_000_000_001L));
        assertThat(in.next()).isNull();
    }

    @Test
    void anotherMajorVersionIsRefused() {
        byte[] frame = frame();
        frame[0] = 2;

        assertThatThrownBy(() -> new FrameReader(ByteBuffer.wrap(frame)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("major version 2, known is 1");
    }

    @Test
    void fieldsOfALaterMinorVersionAreSkipped() {
        samples()
                .forEach((name, message) -> {
                    byte[] frame = frame(message);
                    int header = frame().length;
                    byte[] longer = Arrays.copyOf(frame, frame.length + 3);
                    ByteBuffer.wrap(longer).putInt(header + 1, longer.length - header - 5);
                    longer[1] = 9;
                    List<Message> again = read(longer);
                    assertThat(frame(again.getFirst())).as(name).isEqualTo(frame);
                });
    }

    @Test
    void messagesOfUnknownTypesAreSkipped() {
        byte[] frame = frame(new TurnPassed(H), new RoundRequest(H, 1));
        frame[frame().length] = 63;

        assertThat(read(frame)).containsExactly(new RoundRequest(H, 1));
    }

    @Test
    void damagedFramesAreRefusedAndNothingElseHappens() {
        Random random = new Random(5);
        byte[][] frames = samples().values().stream().map(CodecTest::frame).toArray(byte[][]::new);
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = frames[i % frames.length].clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            byte[] cut = Arrays.copyOf(damaged, random.nextInt(damaged.length + 1));
            try {
                read(random.nextBoolean() ? damaged : cut);
            } catch (MalformedMessageException e) {
                assertThat(e).hasMessageNotContaining("null");
            }
        }
    }

    @Test
    void aCountThatTheFrameDoesNotJustifyIsRefused() {
        BytesWriter out = new BytesWriter(64);
        out.u8(1);
        out.u8(0);
        out.uuid(CLUSTER);
        out.varint(0);
        out.u64(1);
        int length = out.position();
        out.u8(64);
        out.u32(0);
        int body = out.position();
        out.varint(1);
        out.u64(0);
        out.varint(0);
        out.varint(1);
        out.varint(1);
        out.u64(0);
        out.u8(1);
        out.varint(Integer.MAX_VALUE);
        out.u32At(length + 1, out.position() - body);
        ByteBuffer frame = out.finish();

        assertThatThrownBy(() -> new FrameReader(frame).next())
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("2147483647 of something in 0 bytes");
    }
}
