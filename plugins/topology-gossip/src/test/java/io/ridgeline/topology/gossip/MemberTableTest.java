package io.ridgeline.topology.gossip;

import static io.ridgeline.topology.gossip.TestNode.nanos;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.topology.Health;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// We are `n1`.
class MemberTableTest {
    private static final InetAddress FROM = InetAddress.ofLiteral("10.0.0.9");
    private static final NodeId N2 = new NodeId("n2");

    private final VerificationBudget budget = new VerificationBudget(0);

    private MemberTable table(TestNode.Plan self, AllowList allow) {
        return new MemberTable(
                TestNode.CLUSTER,
                new NodeId(self.name),
                self.credentials,
                allow,
                budget,
                TestNode.SUSPECT_AFTER.toNanos());
    }

    private TestNode.Plan plan(String name) {
        return new TestNode.Plan(name, Path.of("unused"));
    }

    private static AllowList only(TestNode.Plan... plans) {
        TreeMap<NodeId, String> identities = new TreeMap<>();
        for (TestNode.Plan each : plans) {
            identities.put(new NodeId(each.name), each.credentials.identity());
        }
        return new AllowList(identities);
    }

    private static AllowList all() {
        return new AllowList(new TreeMap<>());
    }

    private static void dropped(Dropped.Cause cause, MemberTable table, SignedState state) {
        List<SignedState> before = table.states();
        assertThatExceptionOfType(Dropped.class)
                .isThrownBy(() -> table.merge(state, FROM, 0))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(cause));
        assertThat(table.states()).isEqualTo(before);
    }

    @Nested
    class AState {
        private final TestNode.Plan second = plan("n2");
        private final MemberTable table = table(plan("n1"), all());

        private SignedState at(long incarnation) {
            return second.signed(second.state().withIncarnation(incarnation));
        }

        @Test
        void isTakenIfItIsNewerAndOnlyThen() {
            assertThat(table.merge(at(5), FROM, 0)).isTrue();
            assertThat(table.merge(at(5), FROM, 0)).isFalse();
            assertThat(table.merge(at(4), FROM, 0)).isFalse();
            assertThat(table.merge(at(6), FROM, 0)).isTrue();
            assertThat(table.states())
                    .extracting(each -> each.state().incarnation())
                    .containsExactly(6L);
        }

        @Test
        void thatIsOldCostsNoVerification() {
            table.merge(at(5), FROM, 0);
            for (int i = 0; i < 10 * VerificationBudget.PER_SECOND; i++) {
                assertThat(table.merge(at(5), FROM, 0)).isFalse();
            }
            assertThat(table.merge(at(6), FROM, 0)).isTrue();
        }

        @Test
        void cannotBeRaisedByAnybodyElse() {
            table.merge(at(5), FROM, 0);
            MemberState raised = second.state().withIncarnation(7);
            SignedState genuine = second.signed(raised);

            // By another key, by none, and by taking the signature of an older state.
            dropped(
                    Dropped.Cause.SIGNATURE,
                    table,
                    new SignedState(
                            genuine.bytes(),
                            SignedState.sign(raised, TestNode.CLUSTER, plan("n3").credentials)
                                    .signature()));
            dropped(Dropped.Cause.SIGNATURE, table, new SignedState(genuine.bytes(), new byte[0]));
            dropped(
                    Dropped.Cause.SIGNATURE,
                    table,
                    new SignedState(genuine.bytes(), at(5).signature()));
        }

        @Test
        void ofAnotherClusterIsNotSignedForThisOne() {
            SignedState elsewhere = SignedState.sign(second.state(), "other", second.credentials);
            dropped(Dropped.Cause.SIGNATURE, table, elsewhere);
        }

        @Test
        void thatTheTransportCannotUseIsNotTaken() {
            MemberState state = second.state();
            dropped(
                    Dropped.Cause.ADDRESS,
                    table,
                    second.signed(
                            new MemberState(
                                    N2,
                                    state.identity(),
                                    "nowhere",
                                    state.gossip(),
                                    state.labels(),
                                    1,
                                    1,
                                    List.of(),
                                    state.versions())));
        }
    }

    @Nested
    class AName {
        private final TestNode.Plan second = plan("n2");
        private final TestNode.Plan impostor = plan("n2");

        @Test
        void belongsToTheIdentityThatCameFirst() {
            MemberTable table = table(plan("n1"), all());
            table.merge(second.signed(second.state()), FROM, 0);
            dropped(
                    Dropped.Cause.NAME_TAKEN,
                    table,
                    impostor.signed(impostor.state().withIncarnation(TestNode.START + 1_000_000)));
        }

        @Test
        void isWhoseTheAllowListSays() {
            MemberTable table = table(plan("n1"), only(second));
            dropped(Dropped.Cause.NOT_ALLOWED, table, impostor.signed(impostor.state()));
            TestNode.Plan stranger = plan("n3");
            dropped(Dropped.Cause.NOT_ALLOWED, table, stranger.signed(stranger.state()));
            assertThat(table.merge(second.signed(second.state()), FROM, 0)).isTrue();
        }

        @Test
        void goesOverToTheIdentityThatTheAllowListSays() {
            MemberTable before = table(plan("n1"), all());
            before.merge(second.signed(second.state()), FROM, 0);
            MemberTable after = table(plan("n1"), only(impostor));
            after.restore(before.states());
            assertThat(after.states()).isEmpty();
            assertThat(after.merge(impostor.signed(impostor.state().withIncarnation(1)), FROM, 0))
                    .isTrue();
        }

        @Test
        void isTheOnlyOneOfItsIdentity() {
            MemberTable table = table(plan("n1"), all());
            table.merge(second.signed(second.state()), FROM, 0);
            MemberState state = second.state();
            MemberState renamed =
                    new MemberState(
                            new NodeId("n7"),
                            state.identity(),
                            state.address(),
                            state.gossip(),
                            state.labels(),
                            1,
                            1,
                            List.of(),
                            state.versions());
            dropped(Dropped.Cause.NAME_TAKEN, table, second.signed(renamed));
        }
    }

    @Nested
    class AMember {
        private final TestNode.Plan second = plan("n2");
        private final MemberTable table = table(plan("n1"), all());

        @Test
        void isAliveOnceItHasRaisedItsIncarnationAndSuspectOnceItIsSilent() {
            table.merge(second.signed(second.state().withIncarnation(5)), FROM, nanos(1));
            assertThat(table.health(N2, nanos(1))).as("may be old").isEqualTo(Health.SUSPECT);
            table.merge(second.signed(second.state().withIncarnation(6)), FROM, nanos(2));
            assertThat(table.health(N2, nanos(12))).isEqualTo(Health.ALIVE);
            assertThat(table.health(N2, nanos(12.1))).isEqualTo(Health.SUSPECT);
            assertThat(table.states()).as("stays a member").hasSize(1);
            table.merge(second.signed(second.state().withIncarnation(7)), FROM, nanos(20));
            assertThat(table.alive(nanos(20))).containsExactly(N2);
        }

        @Test
        void whoVotedForOtherFoundersIsNone() {
            table.merge(second.signed(second.state().withVote(List.of(1L))), FROM, 0);
            table.settle(List.of(2L));
            assertThat(table.states()).isEmpty();
            dropped(
                    Dropped.Cause.FOUNDERS,
                    table,
                    second.signed(second.state().withVote(List.of(1L))));
            assertThat(table.merge(second.signed(second.state().withVote(List.of(2L))), FROM, 0))
                    .isTrue();
        }
    }

    @Test
    void thereIsRoomForSoManyMembers() {
        MemberTable table = table(plan("n1"), all());
        for (int i = 2; i <= MemberTable.MEMBERS_MAX; i++) {
            TestNode.Plan plan = plan("n" + i);
            table.merge(plan.signed(plan.state()), FROM, nanos(i));
        }
        TestNode.Plan late = plan("n999");
        dropped(Dropped.Cause.TOO_MANY, table, late.signed(late.state()));
    }

    @Test
    void oneAddressCannotHaveMoreVerifiedThanItsShare() {
        TestNode.Plan second = plan("n2");
        MemberTable table = table(plan("n1"), only(second));
        SignedState forged =
                new SignedState(second.state().withIncarnation(9).encode(), new byte[64]);
        int looked = 0;
        for (int i = 0; i < 1_000; i++) {
            try {
                table.merge(forged, FROM, 0);
            } catch (Dropped e) {
                looked += e.reason() == Dropped.Cause.SIGNATURE ? 1 : 0;
            }
        }
        assertThat(looked).isEqualTo(2 * VerificationBudget.PER_SECOND_FROM_ONE);
        assertThat(table.merge(second.signed(second.state()), InetAddress.ofLiteral("10.0.0.2"), 0))
                .as("another address has its own share")
                .isTrue();
    }

    @Test
    void manyAddressesTakeNoMoreMemory() {
        VerificationBudget all = new VerificationBudget(0);
        for (int i = 0; i < 5_000; i++) {
            InetAddress from = InetAddress.ofLiteral("10.1." + i / 250 + "." + i % 250);
            all.take(from, nanos(i));
        }
        assertThat(all.addresses()).isEqualTo(1_024);
    }
}
