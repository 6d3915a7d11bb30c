package io.ridgeline.storage.file.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ridgeline.storage.file.disk.RealDisk;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An index whose pages cannot be had, mapped as it is.
@NullMarked
class PairTableTest {
    private static final String NAME = "ids";
    private static final int ROWS = 100_000;

    @TempDir private Path folder;

    private RealDisk disk;

    @BeforeEach
    void write() throws IOException {
        disk = new RealDisk(folder);
        try (PairTable.Writer out = new PairTable.Writer(disk, NAME, false, ROWS)) {
            for (int i = 0; i < ROWS; i++) {
                out.add(key(i), i, 0);
            }
            out.finish();
        }
    }

    private static long key(int row) {
        return (long) row << 40;
    }

    @Test
    void findsWhatWasWritten() throws IOException {
        try (PairTable table = new PairTable(disk, NAME, false)) {
            assertThat(found(table, 77)).isEqualTo(77);
            table.checkBloom();
        }
    }

    /// The kernel ends a process that reads a mapped page which cannot be had, unless it is
    /// prepared. A file that was cut is one way, a broken disk another.
    @Test
    void whosePagesCannotBeHadIsDamaged() throws IOException {
        try (PairTable table = new PairTable(disk, NAME, false)) {
            try (FileChannel file =
                    FileChannel.open(folder.resolve(NAME), StandardOpenOption.WRITE)) {
                file.truncate(1 << 16);
            }
            assertThatThrownBy(() -> found(table, ROWS - 1))
                    .isInstanceOf(DamagedIndexException.class)
                    .hasMessageContaining(NAME);
            assertThatThrownBy(table::checkBloom).isInstanceOf(DamagedIndexException.class);
            PairTable.Cursor all = table.all();
            assertThatThrownBy(() -> exhaust(all)).isInstanceOf(DamagedIndexException.class);
        }
    }

    private static void exhaust(PairTable.Cursor cursor) {
        while (cursor.next()) {
            assertThat(cursor.b).isNotNegative();
        }
    }

    private static long found(PairTable table, int row) {
        Postings found = new Postings();
        table.findId(key(row), false, found);
        assertThat(found.count()).isPositive();
        return found.index(0);
    }
}
