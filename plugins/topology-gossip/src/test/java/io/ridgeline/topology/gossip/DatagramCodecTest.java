package io.ridgeline.topology.gossip;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.ProtocolVersions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatagramCodecTest {
    @TempDir Path folder;

    private final DatagramCodec plain = new DatagramCodec("c", null);
    private final DatagramCodec keyed = new DatagramCodec("c", new ClusterKey(new byte[32]));

    private List<SignedState> states(int count) {
        List<SignedState> states = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            TestNode.Plan plan =
                    new TestNode.Plan("n" + i, folder).labels(Map.of("zone", "z" + i % 3));
            states.add(plan.signed(plan.state().withVote(List.of(1L, 2L, -3L))));
        }
        return states;
    }

    private static List<MemberState> decoded(DatagramCodec codec, List<byte[]> datagrams) {
        List<MemberState> all = new ArrayList<>();
        datagrams.forEach(each ->
                codec.decode(each, each.length).states().forEach(state -> all.add(state.state())));
        return all;
    }

    private static void dropped(Dropped.Cause cause, DatagramCodec codec, byte[] datagram) {
        assertThatExceptionOfType(Dropped.class)
                .isThrownBy(() -> codec.decode(datagram, datagram.length))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(cause));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 50})
    void splitsWhatManyMembersSayOverDatagramsOfWhichEachMakesSense(int members) {
        List<SignedState> states = states(members);
        for (DatagramCodec codec : List.of(plain, keyed)) {
            List<byte[]> datagrams = codec.encode(states, true);
            assertThat(datagrams)
                    .allSatisfy(each ->
                            assertThat(each.length).isLessThanOrEqualTo(DatagramCodec.BYTES_MAX));
            assertThat(decoded(codec, datagrams))
                    .isEqualTo(states.stream().map(SignedState::state).toList());
            assertThat(datagrams)
                    .as("the first one asks")
                    .extracting(each -> codec.decode(each, each.length).asks())
                    .startsWith(true)
                    .filteredOn(asks -> asks)
                    .hasSize(1);
        }
        assertThat(plain.encode(states, false)).hasSizeBetween(members / 6, members / 4 + 1);
    }

    @Test
    void aStateThatJustFitsTravelsInOneDatagram() {
        TestNode.Plan plan = new TestNode.Plan("n1", folder);
        SignedState signed = plan.signed(plan.state());
        int others = signed.bytes().length + signed.signature().length;
        List<Long> vote = new ArrayList<>();
        while (others + 8 * (vote.size() + 1) <= keyed.stateBytesMax()) {
            vote.add(1L);
        }
        List<byte[]> datagrams =
                keyed.encode(List.of(plan.signed(plan.state().withVote(vote))), true);
        assertThat(datagrams).hasSize(1);
        assertThat(datagrams.getFirst().length)
                .isBetween(DatagramCodec.BYTES_MAX - 8, DatagramCodec.BYTES_MAX);
    }

    @Test
    void aStateIsWrittenInTheseBytes() {
        MemberState state =
                new MemberState(
                        new NodeId("a"),
                        "id",
                        "at",
                        new HostPort("h", 258),
                        new TreeMap<>(Map.of("zone", "z")),
                        3,
                        4,
                        List.of(5L),
                        new ProtocolVersions(2, 3));
        assertThat(HexFormat.of().formatHex(state.encode()))
                .isEqualTo(
                        "01"
                                + "0161"
                                + "026964"
                                + "026174"
                                + "0168"
                                + "0102"
                                + "01047a6f6e65017a"
                                + "0000000000000003"
                                + "0000000000000004"
                                + "010000000000000005"
                                + "00020003");
        assertThat(MemberState.decode(state.encode())).isEqualTo(state);
    }

    @Test
    void aStateThatSaysNothingOfVersionsIsOfTheFirstOne() {
        byte[] bytes =
                new TestNode.Plan("n1", folder)
                        .versions(new ProtocolVersions(2, 3))
                        .state()
                        .encode();
        assertThat(MemberState.decode(Arrays.copyOf(bytes, bytes.length - 4)).versions())
                .isEqualTo(ProtocolVersions.FIRST);
        for (int missing = 1; missing < 4; missing++) {
            byte[] cut = Arrays.copyOf(bytes, bytes.length - missing);
            assertThatExceptionOfType(Dropped.class).isThrownBy(() -> MemberState.decode(cut));
        }
        bytes[bytes.length - 1] = 1;
        assertThatExceptionOfType(Dropped.class)
                .as("from 2 to 1")
                .isThrownBy(() -> MemberState.decode(bytes))
                .matches(dropped -> dropped.reason() == Dropped.Cause.MALFORMED);
    }

    @Test
    void whatALaterVersionAddsToAStateIsPassedOn() {
        TestNode.Plan plan = new TestNode.Plan("n1", folder);
        byte[] bytes = plan.state().encode();
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 4);
        SignedState later = new SignedState(longer, plan.credentials.sign("gossip member", longer));
        byte[] datagram = plain.encode(List.of(later), false).getFirst();
        SignedState read = plain.decode(datagram, datagram.length).states().getFirst();
        assertThat(read.state()).isEqualTo(plan.state());
        assertThat(read.bytes()).isEqualTo(longer);
    }

    @Test
    void onlyTheSameKeyIsTaken() {
        byte[] other = new byte[32];
        other[31] = 1;
        List<SignedState> states = states(2);
        byte[] withKey = keyed.encode(states, true).getFirst();
        byte[] without = plain.encode(states, true).getFirst();
        dropped(Dropped.Cause.KEY, new DatagramCodec("c", new ClusterKey(other)), withKey);
        dropped(Dropped.Cause.KEY, plain, withKey);
        dropped(Dropped.Cause.KEY, keyed, without);
        assertThat(keyed.decode(withKey, withKey.length).states()).isNotEmpty();
    }

    @Test
    void everyChangedByteIsSeenIfThereIsAKey() {
        byte[] datagram = keyed.encode(states(1), true).getFirst();
        for (int i = 0; i < datagram.length; i++) {
            byte[] changed = datagram.clone();
            changed[i] ^= 1;
            assertThatExceptionOfType(Dropped.class)
                    .as("byte %s", i)
                    .isThrownBy(() -> keyed.decode(changed, changed.length));
        }
    }

    @Test
    void otherClustersVersionsAndSizesAreDropped() {
        byte[] datagram = plain.encode(states(1), true).getFirst();
        dropped(Dropped.Cause.CLUSTER, new DatagramCodec("d", null), datagram);
        dropped(Dropped.Cause.OVERSIZED, plain, new byte[DatagramCodec.BYTES_MAX + 1]);
        byte[] later = datagram.clone();
        later[2] = 2;
        dropped(Dropped.Cause.VERSION, plain, later);
        dropped(Dropped.Cause.MALFORMED, plain, "GET / HTTP/1.1".getBytes(US_ASCII));
        dropped(Dropped.Cause.MALFORMED, plain, new byte[0]);
    }

    @Test
    void garbageIsDroppedAndNothingElseHappens() {
        SplittableRandom random = new SplittableRandom(42);
        byte[] good = plain.encode(states(3), true).getFirst();
        for (int i = 0; i < 200_000; i++) {
            byte[] bad = random.nextBoolean() ? good.clone() : new byte[random.nextInt(200)];
            if (bad.length != good.length) {
                random.nextBytes(bad);
            } else {
                for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                    bad[random.nextInt(bad.length)] = (byte) random.nextInt();
                }
                bad = Arrays.copyOf(bad, random.nextInt(bad.length + 1));
            }
            try {
                plain.decode(bad, bad.length);
            } catch (Dropped e) {
                assertThat(e.text()).isNotEmpty();
            }
        }
    }
}
