package io.ridgeline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.ridgeline.api.v1.AppendRequest;
import io.ridgeline.api.v1.NewEvent;
import io.ridgeline.it.events.Failure;
import io.ridgeline.it.events.History;
import io.ridgeline.it.events.Requests;
import io.ridgeline.it.process.Node;
import io.ridgeline.it.process.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A disk that fills up, and gets space again. It is a small file system in memory, which takes
/// root to mount: without it this test is skipped.
class FullDiskIT {
    private static final int EVENT_BYTES = 32 << 10;
    private static final int BALLAST_BYTES = 6 << 20;
    private static final int KILLED_STARTS = 4;

    private final Path folder = Path.of("target/it/FullDiskIT").toAbsolutePath();
    private final Path disk = folder.resolve("disk");
    private final List<NewEvent> acknowledged = new ArrayList<>();
    private SmallDisk small;

    @BeforeEach
    void mount() {
        Optional<SmallDisk> mounted = SmallDisk.mount(disk, 48);
        assumeTrue(mounted.isPresent(), "no file system can be mounted here");
        small = mounted.get();
    }

    @AfterEach
    void unmount() {
        if (small != null) {
            small.close();
        }
    }

    @Test
    void writesAreRefusedReadsGoOnAndWritesResumeByThemselves() throws IOException {
        Files.write(disk.resolve("ballast"), new byte[BALLAST_BYTES]);
        Node.Plan plan = plan();
        try (Node node = plan.start()) {
            fill(node);
            Files.delete(disk.resolve("ballast"));
            resume(node);
            fill(node);
            assertThat(node.terminate().exit()).isZero();
        }
        assertThat(plan.verifyStorage().exit()).as("storage verify on the full disk").isZero();
    }

    /// What is reserved suffices for the recovery.
    @Test
    void aNodeThatIsKilledOnAFullDiskComesBackAndResumes() throws IOException {
        Files.write(disk.resolve("ballast"), new byte[BALLAST_BYTES]);
        Node.Plan plan = plan();
        try (Node node = plan.start()) {
            fill(node);
            node.kill();
        }
        assertThat(plan.verifyStorage().exit()).as("storage verify on the full disk").isZero();
        for (int round = 0; round < KILLED_STARTS; round++) {
            fillTheRest();
            try (Node node = plan.start()) {
                everythingAcknowledgedIsThere(node);
                appendUntilRefused(node);
                everythingAcknowledgedIsThere(node);
                node.kill();
            }
        }
        fillTheRest();
        try (Node node = plan.start()) {
            everythingAcknowledgedIsThere(node);
            appendUntilRefused(node);
            Files.delete(disk.resolve("ballast"));
            small.free();
            resume(node);
            everythingAcknowledgedIsThere(node);
            assertThat(node.terminate().exit()).isZero();
        }
        assertThat(plan.verifyStorage().exit()).as("storage verify").isZero();
    }

    private void fillTheRest() throws IOException {
        small.fill();
        assertThat(Files.getFileStore(disk).getUsableSpace()).isZero();
    }

    private Node.Plan plan() {
        return Node.on(disk.resolve("data"))
                .in(folder)
                .with("ridgeline.storage.file.segment-size", "2M");
    }

    /// Writes until the node refuses, and checks that it refuses cleanly and reads on.
    private void fill(Node node) {
        int before = acknowledged.size();
        appendUntilRefused(node);
        assertThat(acknowledged.size()).as("events that fitted").isGreaterThan(before);
        everythingAcknowledgedIsThere(node);
        assertThat(Failure.by(() -> append(node)).code()).isEqualTo("STORAGE_FULL");
        everythingAcknowledgedIsThere(node);
    }

    private void appendUntilRefused(Node node) {
        Failure failure = null;
        while (failure == null) {
            try {
                append(node);
            } catch (StatusRuntimeException e) {
                failure = Failure.of(e);
            }
        }
        assertThat(failure.code()).as("%s", failure).isEqualTo("STORAGE_FULL");
    }

    private void resume(Node node) {
        Awaitility.await("writes that resume")
                .atMost(Duration.ofSeconds(30))
                .ignoreException(StatusRuntimeException.class)
                .untilAsserted(() -> append(node));
    }

    /// Nothing else is there: what was refused has left no trace.
    private void everythingAcknowledgedIsThere(Node node) {
        History history = History.of(node.events());
        assertThat(acknowledged)
                .allSatisfy(event -> assertThat(history.find(event.getId())).isNotNull());
        assertThat(history.size()).as("events").isEqualTo(acknowledged.size());
    }

    private void append(Node node) {
        NewEvent event =
                Requests.event(UUID.randomUUID(), "stream-" + acknowledged.size() % 10, "Kept", "")
                        .toBuilder()
                        .setData(ByteString.copyFrom(new byte[EVENT_BYTES]))
                        .build();
        node.events().append(AppendRequest.newBuilder().addEvents(event).build());
        acknowledged.add(event);
    }
}
