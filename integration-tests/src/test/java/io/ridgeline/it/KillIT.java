package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ridgeline.it.events.History;
import io.ridgeline.it.load.Account;
import io.ridgeline.it.load.LoadProcess;
import io.ridgeline.it.process.Checkout;
import io.ridgeline.it.process.Command;
import io.ridgeline.it.process.Node;
import io.ridgeline.it.process.Outcome;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A node is killed with `kill -9` under the load of another process, again and again
/// (`-Dit.kill.rounds=`), and loses nothing that it has acknowledged.
class KillIT {
    private static final int WRITERS = 8;

    private final Path folder = Checkout.folder(KillIT.class, "load");
    private final Random random = Checkout.random(KillIT.class);
    private final Node.Plan plan = Node.on(folder.resolve("data"));
    private final Account account = new Account(folder.resolve("diary"));

    @Test
    void everythingAcknowledgedIsThereOnceAndInOrderAfterEveryKill() throws Exception {
        int rounds = Checkout.setting("it.kill.rounds", 30);
        try (LoadProcess load =
                LoadProcess.start(random.nextLong(), folder.resolve("diary"), WRITERS)) {
            History before = null;
            for (int round = 1; round <= rounds; round++) {
                if (round % 5 == 0) {
                    killDuringRecovery();
                }
                try (Node node = plan.start()) {
                    before = settled(node, before);
                    load.connect(node.port());
                    load.awaitAcknowledged(load.acknowledged() + 20 + random.nextInt(400));
                    node.kill();
                }
                load.awaitLost(round);
                account.read();
                verifyStorage();
            }
            try (Node node = plan.start()) {
                before = settled(node, before);
                load.connect(node.port());
                load.awaitAcknowledged(load.acknowledged() + 100);
                load.finish();
                account.read();
                assertThat(account.acknowledged())
                        .as("acknowledged in the end")
                        .isEqualTo(account.sent());
                settled(node, before);
                assertThat(node.terminate().exit()).as("exit code after SIGTERM").isZero();
            }
            verifyStorage();
            System.out.printf(
                    "KillIT: %d kills, %d events, %d of them by a repeat of what had taken effect%n",
                    rounds, account.acknowledged(), account.duplicates());
            // Else no write was ever caught between its effect and its acknowledgement.
            assertThat(account.duplicates()).as("repeats that had taken effect").isPositive();
        }
    }

    private History settled(Node node, @Nullable History before) {
        History now = History.of(node.events());
        if (before != null) {
            now.continues(before);
        }
        account.settle(now);
        return now;
    }

    private void verifyStorage() {
        Outcome verified = plan.verifyStorage();
        assertThat(verified.exit()).as("storage verify: %s", verified).isZero();
        JsonNode report = verified.json();
        assertThat(report.get("problems")).as("problems: %s", verified).isEmpty();
        assertThat(report.get("events").asLong())
                .as("events that were looked at: %s", verified)
                .isGreaterThanOrEqualTo(account.acknowledged());
    }

    /// Recovery itself is killed, at any moment from the first instruction on.
    private void killDuringRecovery() throws InterruptedException {
        try (Command.Running starting = plan.launch()) {
            starting.process().waitFor(200 + random.nextInt(1_500), TimeUnit.MILLISECONDS);
        }
    }
}
