package io.ridgeline.topology.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.config.ConfigurationException;
import io.ridgeline.spi.topology.Health;
import io.ridgeline.spi.topology.Member;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whole clusters in virtual time.
class MembershipTest {
    @TempDir Path folder;

    private final Net net = new Net();

    private TestNode.Plan plan(String name, int founders) {
        return new TestNode.Plan(name, folder).founders(founders);
    }

    private List<TestNode> founded(int count) {
        List<TestNode> nodes = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            TestNode node = plan("n" + i, count).start();
            nodes.add(node);
            net.add(node, "n1");
        }
        net.run(20);
        return nodes;
    }

    @Nested
    class Founding {

        @ParameterizedTest
        @ValueSource(ints = {1, 3, 5, 20})
        void isDoneByAllOfThemAndAllSeeTheSame(int count) {
            List<TestNode> nodes = founded(count);
            List<String> names =
                    new TreeSet<>(nodes.stream().map(each -> each.name).toList()).stream().toList();
            assertThat(nodes)
                    .allSatisfy(each -> {
                        assertThat(each.founders()).isEqualTo(names);
                        assertThat(each.view(net.now()).orElseThrow().members())
                                .hasSize(count)
                                .allSatisfy(member -> {
                                    assertThat(member.health()).isEqualTo(Health.ALIVE);
                                    assertThat(member.startedAt()).isEqualTo(TestNode.START);
                                });
                    });
        }

        @Test
        void waitsForAllOfThemAndSaysSo() {
            TestNode one = plan("n1", 3).start();
            TestNode two = plan("n2", 3).start();
            net.add(one).add(two, "n1").run(30);
            assertThat(one.view(net.now())).isEmpty();
            assertThat(one.membership.waiting()).contains("3 founders", "2 are here", "n1", "n2");
            net.add(plan("n3", 3).start(), "n1").run(20);
            assertThat(one.founders()).containsExactly("n1", "n2", "n3");
            assertThat(one.membership.waiting()).isEmpty();
        }

        @Test
        void takesTheFirstByNameOfThoseThatAreThere() {
            List<TestNode> nodes = new ArrayList<>();
            for (String name : List.of("n1", "n2", "n3", "n4")) {
                TestNode node = plan(name, 3).start();
                nodes.add(node);
                net.add(node, "n1");
            }
            net.run(30);
            assertThat(nodes)
                    .allSatisfy(
                            each -> assertThat(each.founders()).containsExactly("n1", "n2", "n3"));
            assertThat(nodes.getFirst().knows()).containsExactly("n2", "n3", "n4");
        }

        @Test
        void isNotDoneTwiceWhenNodesSeeDifferentOnesAtFirst() {
            // Two cliques of three that share n2 and n3: at most one set can get all of its votes.
            List<TestNode> nodes = new ArrayList<>();
            for (String name : List.of("n1", "n2", "n3", "n4")) {
                TestNode node = plan(name, 3).start();
                nodes.add(node);
                net.add(node, "n1", "n2", "n3", "n4");
            }
            net.links((from, to) -> !List.of(from, to).containsAll(List.of("n1", "n4")));
            net.run(3);
            net.links((_, _) -> true);
            net.run(40);
            assertAtMostOneCluster(nodes);
        }

        @Test
        void nodesThatShareAFounderNeverSettleOnDifferentOnes() {
            int settled = 0;
            for (long seed = 1; seed <= 12; seed++) {
                settled += stormyFounding(seed).isEmpty() ? 0 : 1;
            }
            assertThat(settled).as("runs in which a cluster was founded").isPositive();
        }

        /// Five nodes want to be three; links come and go, nodes restart with what they kept.
        private List<String> stormyFounding(long seed) {
            Random random = new Random(seed);
            Net stormy = new Net();
            List<TestNode.Plan> plans = new ArrayList<>();
            List<String> names = List.of("n1", "n2", "n3", "n4", "n5");
            String[] all = names.toArray(String[]::new);
            Path home = folder.resolve("seed-" + seed);
            names.forEach(name -> plans.add(new TestNode.Plan(name, home).founders(3)));
            List<TestNode> nodes = new ArrayList<>();
            for (TestNode.Plan each : plans) {
                TestNode node = each.start();
                nodes.add(node);
                stormy.add(node, all);
            }
            for (int round = 0; round < 12; round++) {
                List<String> cut = new ArrayList<>(names);
                Collections.shuffle(cut, random);
                List<String> side = cut.subList(0, random.nextInt(5));
                stormy.links((from, to) -> side.contains(from) == side.contains(to));
                stormy.run(1 + random.nextInt(8));
                int restarted = random.nextInt(5);
                stormy.remove(names.get(restarted));
                stormy.run(random.nextInt(3));
                plans.get(restarted).clock += 60_000;
                nodes.set(restarted, plans.get(restarted).start());
                stormy.add(nodes.get(restarted), all);
                assertAtMostOneCluster(nodes);
            }
            return nodes.stream()
                    .map(TestNode::founders)
                    .filter(each -> !each.isEmpty())
                    .findFirst()
                    .orElse(List.of());
        }

        private void assertAtMostOneCluster(List<TestNode> nodes) {
            assertThat(
                            nodes.stream()
                                    .map(TestNode::founders)
                                    .filter(each -> !each.isEmpty())
                                    .distinct()
                                    .toList())
                    .as("founders; any two sets of three of five nodes share one")
                    .hasSizeLessThanOrEqualTo(1);
        }

        @Test
        void differentNumbersOfFoundersAreAContradictionThatIsSaid() {
            TestNode one = plan("n1", 2).start();
            TestNode two = plan("n2", 2).start();
            TestNode three = plan("n3", 3).start();
            net.add(one).add(two, "n1").run(20);
            assertThat(one.founders()).containsExactly("n1", "n2");
            net.add(three, "n1").run(20);
            assertThat(three.founders()).as("joins").containsExactly("n1", "n2");
        }

        @Test
        void isNotDoneOnASetThatOthersHaveNotAgreedTo() {
            TestNode.Plan first = plan("n1", 3);
            TestNode one = first.start();
            TestNode.Plan second = plan("n2", 3);
            TestNode.Plan third = plan("n3", 3);
            List<Long> vote =
                    List.of(
                                    first.state().fingerprint(),
                                    second.state().fingerprint(),
                                    third.state().fingerprint())
                            .stream()
                            .sorted()
                            .toList();
            SignedState voted = second.signed(second.state().withVote(vote));
            one.take(
                    new DatagramCodec(TestNode.CLUSTER, null).encode(List.of(voted), false),
                    TestNode.socket("n2"),
                    0);
            net.add(one).run(5);
            assertThat(one.founders()).isEmpty();
            assertThat(one.membership.own().vote()).as("follows").isEqualTo(vote);
            assertThat(one.membership.waiting()).contains("missing the word of");

            TestNode again = first.start();
            assertThat(again.membership.own().vote()).as("is given once").isEqualTo(vote);
        }

        @Test
        void isNotDoneWithOthersByANodeThatHasVotedAndIsAloneWithThemLater() {
            TestNode.Plan second = plan("n2", 3);
            net.add(plan("n1", 3).start(), "n2", "n3").add(second.start(), "n1", "n3");
            net.add(plan("n3", 3).start(), "n1", "n2");
            while (net.node("n2").membership.own().vote().isEmpty()) {
                net.run(1);
            }
            List<Long> vote = net.node("n2").membership.own().vote();
            // Those two may have settled with n2 by now, so n2 must not found with these two.
            net.remove("n1");
            net.remove("n3");
            net.remove("n2");
            TestNode again = second.start();
            net.add(again, "n4", "n5");
            net.add(plan("n4", 3).start(), "n2", "n5").add(plan("n5", 3).start(), "n2", "n4");
            net.run(30);
            assertThat(again.membership.own().vote()).isEqualTo(vote);
            assertThat(net.node("n4").founders()).isEmpty();
            assertThat(net.node("n5").founders()).isEmpty();
        }
    }

    @Nested
    class AMemberThatJoinsLater {

        @Test
        void learnsTheFoundersAndEverybodyLearnsOfIt() {
            List<TestNode> nodes = founded(3);
            TestNode late = plan("n4", 0).start();
            net.add(late, "n3").run(10);
            assertThat(late.founders()).containsExactly("n1", "n2", "n3");
            assertThat(nodes)
                    .allSatisfy(each ->
                            assertThat(each.view(net.now()).orElseThrow().members())
                                    .extracting(member -> member.node().name())
                                    .containsExactly("n1", "n2", "n3", "n4"));
        }

        @Test
        void waitsForAClusterIfItIsToldOfNoFounders() {
            TestNode alone = plan("n1", 0).start();
            net.add(alone).run(20);
            assertThat(alone.view(net.now())).isEmpty();
            assertThat(alone.membership.waiting()).contains("ridgeline.topology.gossip.founders");
        }
    }

    @Nested
    class AMemberThatRestarts {

        @Test
        void needsNoSeedsAndWaitsForNobody() {
            TestNode.Plan first = plan("n1", 3);
            net.add(first.start())
                    .add(plan("n2", 3).start(), "n1")
                    .add(plan("n3", 3).start(), "n1")
                    .run(20);
            net.remove("n1");
            net.run(15);
            first.clock += 60_000;

            TestNode again = first.start();
            assertThat(again.view(net.now())).as("at once").isPresent();
            assertThat(again.founders()).containsExactly("n1", "n2", "n3");
            net.add(again).run(10);

            assertThat(again.view(net.now()).orElseThrow().members())
                    .allSatisfy(each -> assertThat(each.health()).isEqualTo(Health.ALIVE));
            assertThat(again.membership.own().startedAt()).isEqualTo(first.clock);
        }

        @Test
        void isBelievedAlsoWithItsClockBehindAndItsMemoryLost() {
            List<TestNode> nodes = founded(3);
            net.remove("n3");
            TestNode.Plan wiped = plan("n3", 3);
            wiped.clock -= 3_600_000;
            TestNode.Plan same = new TestNode.Plan("n3", folder.resolve("empty")).founders(3);
            same.clock = wiped.clock;
            assertThat(nodes.getFirst().knows()).contains("n3");

            // The identity is kept apart from the data, so it is that of before.
            TestNode again = restartWith(nodes.get(2), same);
            net.add(again, "n1").run(15);

            assertThat(again.founders()).containsExactly("n1", "n2", "n3");
            assertThat(again.membership.own().incarnation()).isGreaterThan(TestNode.START);
            assertThat(health(nodes.getFirst(), "n3")).isEqualTo(Health.ALIVE);
        }

        private TestNode restartWith(TestNode before, TestNode.Plan plan) {
            return plan.as(before.credentials).start();
        }

        @Test
        void keepsTheLabelsThatItWasFoundedWith() {
            TestNode.Plan first = plan("n1", 1).labels(Map.of("zone", "a"));
            net.add(first.start()).run(3);
            TestNode again = first.labels(Map.of("zone", "b")).start();
            assertThat(again.membership.own().labels()).containsEntry("zone", "a");
            assertThat(again.view(0).orElseThrow().founders())
                    .extracting(Member::labels)
                    .containsExactly(Map.of("zone", "a"));
        }

        @Test
        void ofAnotherClusterIsRefused() {
            TestNode.Plan first = plan("n1", 1);
            net.add(first.start()).run(3);
            first.cluster = "other";
            assertThatExceptionOfType(ConfigurationException.class)
                    .isThrownBy(first::start)
                    .withMessageContaining("ridgeline.cluster = \"other\": expected ridgeline");
        }
    }

    @Nested
    class ASilentMember {

        @Test
        void isSuspectAndStaysAMember() {
            List<TestNode> nodes = founded(3);
            net.remove("n3");
            net.run(15);
            assertThat(health(nodes.get(0), "n3")).isEqualTo(Health.SUSPECT);
            assertThat(health(nodes.get(0), "n2")).isEqualTo(Health.ALIVE);
        }

        @Test
        void isNotMadeAliveByWhatItOnceSaid() {
            List<TestNode> nodes = founded(3);
            List<byte[]> recorded = nodes.get(2).membership.datagrams(true);
            net.remove("n3");
            net.run(15);
            List<byte[]> answers =
                    nodes.getFirst().take(recorded, TestNode.socket("n3"), net.now());
            assertThat(answers).as("nor answered").isEmpty();
            assertThat(health(nodes.getFirst(), "n3")).isEqualTo(Health.SUSPECT);
        }
    }

    @Nested
    class AnImpostor {

        @Test
        void withAnotherIdentityIsIgnoredAndNamedOnce() {
            List<TestNode> nodes = founded(3);
            TestNode impostor =
                    new TestNode.Plan("n3", folder.resolve("elsewhere")).founders(3).start();
            for (int i = 0; i < 50; i++) {
                impostor.membership.onTick(net.now());
                impostor.ask(nodes.getFirst(), net.now());
                net.run(1);
            }
            assertThat(nodes.getFirst().log)
                    .singleElement()
                    .asString()
                    .contains("calls itself n3", impostor.credentials.identity());
            assertThat(nodes.getFirst().drops.dropped(Dropped.Cause.NAME_TAKEN))
                    .isGreaterThanOrEqualTo(50);
            assertThat(health(nodes.getFirst(), "n3")).isEqualTo(Health.ALIVE);
            assertThat(
                            nodes.getFirst()
                                    .view(net.now())
                                    .orElseThrow()
                                    .member(new NodeId("n3"))
                                    .orElseThrow()
                                    .identity())
                    .isEqualTo(nodes.get(2).credentials.identity());
        }

        @Test
        void ofThisNodesNameIsIgnored() {
            List<TestNode> nodes = founded(3);
            TestNode impostor =
                    new TestNode.Plan("n1", folder.resolve("elsewhere")).founders(3).start();
            long before = nodes.getFirst().membership.own().incarnation();
            impostor.ask(nodes.getFirst(), net.now());
            assertThat(nodes.getFirst().membership.own().incarnation()).isEqualTo(before);
            assertThat(nodes.getFirst().drops.dropped(Dropped.Cause.NAME_TAKEN)).isEqualTo(1);
        }

        @Test
        void cannotRaiseThisNodesIncarnation() {
            List<TestNode> nodes = founded(3);
            TestNode victim = nodes.getFirst();
            MemberState own = victim.membership.own();
            SignedState forged =
                    SignedState.sign(
                            own.withIncarnation(Long.MAX_VALUE - 1),
                            TestNode.CLUSTER,
                            nodes.get(1).credentials);
            victim.take(
                    new DatagramCodec(TestNode.CLUSTER, null).encode(List.of(forged), true),
                    TestNode.socket("n9"),
                    net.now());
            assertThat(victim.membership.own()).isEqualTo(own);
            assertThat(victim.drops.dropped(Dropped.Cause.SIGNATURE)).isEqualTo(1);
        }
    }

    @Test
    void nobodyGetsAnAnswerForRepeatingWhatOthersSaid() {
        List<TestNode> nodes = founded(3);
        nodes.get(1).membership.onTick(net.now());
        List<byte[]> question = nodes.get(1).membership.datagrams(true);
        assertThat(nodes.getFirst().take(question, nodes.get(1).address, net.now()))
                .as("news are answered")
                .isNotEmpty();
        assertThat(nodes.getFirst().take(question, TestNode.socket("n9"), net.now()))
                .as("repeated")
                .isEmpty();
    }

    @Test
    void aKeylessNodeOfAClusterWithAKeyIsNotHeard() {
        TestNode.Plan first = plan("n1", 2);
        first.key = new ClusterKey(new byte[32]);
        TestNode one = first.start();
        net.add(one).add(plan("n2", 2).start(), "n1").run(10);
        assertThat(one.knows()).isEmpty();
        assertThat(one.drops.dropped(Dropped.Cause.KEY)).isPositive();
        assertThat(one.log)
                .singleElement()
                .asString()
                .contains("without a cluster key", "cluster-key-file");
    }

    private Health health(TestNode seenBy, String name) {
        return seenBy.view(net.now()).orElseThrow().member(new NodeId(name)).orElseThrow().health();
    }
}
