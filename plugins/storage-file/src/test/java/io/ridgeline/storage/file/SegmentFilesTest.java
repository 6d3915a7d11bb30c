package io.ridgeline.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.storage.file.disk.RealDisk;
import io.ridgeline.storage.file.segment.Location;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentFilesTest {
    private static final int BYTES = 64 << 10;
    private static final Manifest.Segment SEGMENT = new Manifest.Segment(1, 0);

    @TempDir private Path folder;

    private Path file;
    private RealDisk disk;

    @BeforeEach
    void makeSegment() throws IOException {
        disk = new RealDisk(folder);
        disk.makeFolder("b");
        file = folder.resolve(SEGMENT.path("b"));
        byte[] content = new byte[BYTES];
        Arrays.fill(content, (byte) 7);
        Files.write(file, content);
    }

    @Test
    void aSegmentThatIsWrittenToShowsWhatWasWrittenLast() throws IOException {
        try (SegmentFiles files = files(1)) {
            assertThat(read(files, 100, 3)).containsExactly(7, 7, 7);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(new byte[] {8, 9}), 100);
            }
            assertThat(read(files, 100, 3)).containsExactly(8, 9, 7);
        }
    }

    @Test
    void aFullSegmentIsReadToItsEndAndNotBeyond() throws IOException {
        try (SegmentFiles files = files(2)) {
            assertThat(read(files, BYTES - 2, 10)).containsExactly(7, 7);
            assertThat(read(files, BYTES, 10)).isEmpty();
            assertThat(read(files, BYTES + 9, 10)).isEmpty();
        }
    }

    /// The kernel ends a process that reads a mapped page which cannot be had, unless it is
    /// prepared. A file that was cut is one way, a broken disk another.
    @Test
    void aPageThatCannotBeHadIsAnErrorOfThatRead() throws IOException {
        try (SegmentFiles files = files(2)) {
            assertThat(read(files, 0, 1)).containsExactly(7);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(8192);
            }
            assertThatThrownBy(() -> read(files, 32 << 10, 4096)).isInstanceOf(IOException.class);
            assertThat(read(files, 4096, 2)).containsExactly(7, 7);
        }
    }

    private SegmentFiles files(long fullBelow) {
        SegmentFiles files = new SegmentFiles(disk, "b", () -> fullBelow);
        files.know(SEGMENT);
        return files;
    }

    private static byte[] read(SegmentFiles files, int offset, int count) throws IOException {
        ByteBuffer to = ByteBuffer.allocate(count);
        int read = files.read(to, Location.of(1, offset));
        assertThat(to.position()).isEqualTo(read);
        return Arrays.copyOf(to.array(), read);
    }
}
