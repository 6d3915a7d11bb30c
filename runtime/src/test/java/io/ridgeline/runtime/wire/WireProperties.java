package io.ridgeline.runtime.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.AppendResponse;
import io.ridgeline.api.v1.AppendStreamRequest;
import io.ridgeline.api.v1.AppendStreamResponse;
import io.ridgeline.api.v1.ErrorCode;
import io.ridgeline.api.v1.NewEvent;
import io.ridgeline.api.v1.PartitionPosition;
import io.ridgeline.api.v1.ReadResponse;
import io.ridgeline.api.v1.RecordedEvent;
import io.ridgeline.api.v1.SubscribeFrame;
import io.ridgeline.api.v1.Tag;
import io.ridgeline.engine.AppendResult;
import io.ridgeline.engine.StreamVersions;
import io.ridgeline.runtime.refusal.Refusal;
import io.ridgeline.spi.PartitionId;
import io.ridgeline.spi.event.Events;
import io.ridgeline.spi.event.StreamKey;
import io.ridgeline.spi.event.Transaction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Our readers and writers against the generated classes: what those write we read, and what we
/// write is theirs to the byte.
class WireProperties {
    private static final AppendLimits LIMITS =
            new AppendLimits(1 << 20, 4 << 20, 1_000, 512, 64, 5_000, 60_000);
    private static final long NOW = 1_700_000_000_000_000L;

    private static String name(RandomGenerator random) {
        StringBuilder name = new StringBuilder("n");
        String alphabet = "abc-é漢\uD83D\uDE00".repeat(1);
        int length = random.nextInt(12);
        for (int i = 0; i < length; i++) {
            int at = alphabet.offsetByCodePoints(0, random.nextInt(7));
            name.appendCodePoint(alphabet.codePointAt(at));
        }
        return name.toString();
    }

    private static ByteString bytes(RandomGenerator random, int max) {
        byte[] bytes = new byte[random.nextInt(max + 1)];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    private static NewEvent event(RandomGenerator random, String stream) {
        NewEvent.Builder event =
                NewEvent.newBuilder()
                        .setId(bytes16(random))
                        .setStream(stream)
                        .setType(name(random))
                        .setContentType(random.nextBoolean() ? "" : "text/" + name(random))
                        .setData(bytes(random, random.nextInt(4) == 0 ? 20_000 : 200))
                        .setMetadata(bytes(random, random.nextBoolean() ? 0 : 200))
                        .setCreatedMicros(random.nextLong(1, Long.MAX_VALUE / 2))
                        .setSchemaId(random.nextInt(3) == 0 ? random.nextInt() : 0);
        int tags = random.nextInt(4);
        for (int i = 0; i < tags; i++) {
            event.addTags(Tag.newBuilder().setKey(i + name(random)).setValue(name(random)));
        }
        return event.build();
    }

    private static ByteString bytes16(RandomGenerator random) {
        byte[] id = new byte[16];
        random.nextBytes(id);
        return ByteString.copyFrom(id);
    }

    private static AppendRequest request(RandomGenerator random) {
        AppendRequest.Builder request = AppendRequest.newBuilder().setPartitionKey(name(random));
        List<String> streams = List.of(name(random), name(random), request.getPartitionKey());
        int events = 1 + random.nextInt(random.nextInt(5) == 0 ? 200 : 4);
        for (int i = 0; i < events; i++) {
            request.addEvents(event(random, streams.get(random.nextInt(streams.size()))));
        }
        return request.build();
    }

    /// What a reader must see of an event.
    private static RecordedEvent expected(
            NewEvent event, Transaction transaction, Events at, PartitionId partition) {
        RecordedEvent.Builder expected =
                RecordedEvent.newBuilder()
                        .setId(event.getId())
                        .setStream(event.getStream())
                        .setVersion(at.version())
                        .setPartition(partition.value())
                        .setSequence(at.sequence())
                        .setType(event.getType())
                        .setContentType(event.getContentType())
                        .setData(event.getData())
                        .setMetadata(event.getMetadata())
                        .setCreatedMicros(event.getCreatedMicros())
                        .setSchemaId(event.getSchemaId());
        event.getTagsList().stream()
                .sorted(Comparator.comparing(Tag::getKey))
                .forEach(expected::addTags);
        if (!transaction.partitionKey().equals(event.getStream())) {
            expected.setPartitionKey(transaction.partitionKey());
        }
        return expected.build();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void whatIsAppendedIsWhatIsReadToTheByte(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        AppendStreamRequest.Builder message = AppendStreamRequest.newBuilder();
        for (int i = 0; i < 5; i++) {
            message.addAppends(request(random));
        }
        List<ParsedAppend> parsed =
                AppendReader.readMany(message.build().toByteArray(), LIMITS, NOW);
        assertThat(parsed).hasSize(5);
        for (int i = 0; i < 5; i++) {
            Transaction transaction = Objects.requireNonNull(parsed.get(i).transaction());
            long[] versions = new long[transaction.streams().size()];
            for (int s = 0; s < versions.length; s++) {
                versions[s] = random.nextLong(1L << random.nextInt(1, 60));
            }
            transaction.assign(random.nextLong(1L << random.nextInt(1, 60)), versions);
            Transaction stored = Transaction.parse(copy(transaction.payload()));
            PartitionId partition = new PartitionId(random.nextInt());
            ProtoOutput read = new ProtoOutput(16);
            ProtoOutput followed = new ProtoOutput(16);
            ReadResponse.Builder expected = ReadResponse.newBuilder();
            Events at = stored.events();
            while (at.next()) {
                EventWriter.write(read, 1, partition, stored, at);
                EventWriter.write(followed, 1, partition, stored, at);
                NewEvent event = message.getAppends(i).getEvents(at.place());
                expected.addEvents(expected(event, stored, at, partition));
            }
            assertThat(read.toByteArray()).isEqualTo(expected.build().toByteArray());
            followed.wrap(1);
            assertThat(followed.toByteArray())
                    .isEqualTo(
                            SubscribeFrame.newBuilder()
                                    .setEvents(
                                            SubscribeFrame.Events.newBuilder()
                                                    .addAllEvents(expected.getEventsList()))
                                    .build()
                                    .toByteArray());
        }
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        ByteBuffer copy = ByteBuffer.allocate(bytes.remaining());
        return copy.put(bytes).flip();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void answersAreTheSameBytes(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        ProtoOutput out = new ProtoOutput(0);
        AppendStreamResponse.Builder expected = AppendStreamResponse.newBuilder();
        for (int i = 0; i < 50; i++) {
            if (random.nextInt(5) == 0) {
                Refusal refusal = Refusal.invalid(name(random), name(random).repeat(20));
                ResultWriter.writeResult(out, refusal);
                expected.addResultsBuilder().setError(refusal.toError());
                continue;
            }
            List<StreamVersions> streams = new ArrayList<>();
            AppendResponse.Builder response = AppendResponse.newBuilder();
            int count = 1 + random.nextInt(random.nextInt(4) == 0 ? 40 : 2);
            for (int s = 0; s < count; s++) {
                String stream = name(random);
                long first = random.nextLong(1L << random.nextInt(1, 60));
                long last = first + random.nextInt(1_000);
                streams.add(new StreamVersions(new StreamKey("key", stream), first, last));
                response.addStreamsBuilder()
                        .setStream(stream)
                        .setFirstVersion(first)
                        .setLastVersion(last);
            }
            AppendResult.Appended appended =
                    new AppendResult.Appended(
                            new PartitionId(random.nextInt()),
                            random.nextInt(3),
                            random.nextLong(1L << 40),
                            random.nextLong(1L << 40),
                            streams,
                            random.nextBoolean());
            response.setPosition(
                            PartitionPosition.newBuilder()
                                    .setPartition(appended.partition().value())
                                    .setHistory(appended.history())
                                    .setSequence(appended.lastSequence()))
                    .setFirstSequence(appended.firstSequence())
                    .setDuplicate(appended.duplicate());
            ResultWriter.writeResult(out, appended);
            expected.addResultsBuilder().setAppended(response);
        }
        assertThat(out.toByteArray()).isEqualTo(expected.build().toByteArray());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void brokenBytesAreRefusedAndNothingElse(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        byte[] whole =
                AppendStreamRequest.newBuilder().addAppends(request(random)).build().toByteArray();
        for (int i = 0; i < 300; i++) {
            byte[] broken = java.util.Arrays.copyOf(whole, random.nextInt(whole.length + 1));
            int flips = 1 + random.nextInt(3);
            for (int f = 0; f < flips && broken.length > 0; f++) {
                broken[random.nextInt(Math.min(broken.length, 200))] = (byte) random.nextInt();
            }
            try {
                for (ParsedAppend append : AppendReader.readMany(broken, LIMITS, NOW)) {
                    assertThat(append.transaction() == null).isEqualTo(append.refusal() != null);
                }
            } catch (MalformedProtoException e) {
                assertThat(e).hasMessageMatching(".+");
            }
        }
    }

    @org.junit.jupiter.api.Test
    void aRefusedAppendDoesNotSpoilTheNext() {
        NewEvent good = event(new SplittableRandom(1), "good");
        AppendStreamRequest message =
                AppendStreamRequest.newBuilder()
                        .addAppends(
                                AppendRequest.newBuilder()
                                        .addEvents(good.toBuilder().setStream("$bad"))
                                        .addEvents(good))
                        .addAppends(AppendRequest.newBuilder().addEvents(good))
                        .build();
        List<ParsedAppend> parsed = AppendReader.readMany(message.toByteArray(), LIMITS, NOW);
        Refusal refusal = Objects.requireNonNull(parsed.get(0).refusal());
        assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(parsed.get(1).refusal()).isNull();
    }
}
