package io.ridgeline.cli.load;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Cuts a stream of bytes into lines, without looking at what is in them. A line's end may be CR
/// LF; an UTF-8 byte order mark before the first is no part of it.
final class Lines {
    static final int LINE_BYTES_MAX = 16 * 1024 * 1024;
    private static final int READ_BYTES = 256 * 1024;

    private final InputStream in;
    private byte[] buffer = new byte[READ_BYTES];
    private int start;
    private int end;
    private long taken;
    private boolean ended;
    private long number;

    Lines(InputStream in) {
        this.in = in;
    }

    /// {@return the next line without its end, valid until the next call; null at the end}
    ///
    /// @throws LineException if it is too long
    @Nullable ByteBuffer next() throws IOException {
        int searched = start;
        while (true) {
            for (int at = searched; at < end; at++) {
                if (buffer[at] == '\n') {
                    ByteBuffer line = line(at);
                    start = at + 1;
                    return line;
                }
            }
            searched = end;
            if (ended) {
                if (start == end) {
                    return null;
                }
                ByteBuffer line = line(end);
                start = end;
                return line;
            }
            int kept = end - start;
            fill();
            searched = start + kept;
        }
    }

    private ByteBuffer line(int lineEnd) {
        number++;
        int from = start;
        int to = lineEnd;
        if (to > from && buffer[to - 1] == '\r') {
            to--;
        }
        boolean mark =
                number == 1
                        && to - from >= 3
                        && buffer[from] == (byte) 0xEF
                        && buffer[from + 1] == (byte) 0xBB
                        && buffer[from + 2] == (byte) 0xBF;
        from += mark ? 3 : 0;
        taken += lineEnd + 1 - start;
        return ByteBuffer.wrap(buffer, from, to - from);
    }

    private void fill() throws IOException {
        int kept = end - start;
        if (kept > LINE_BYTES_MAX) {
            throw new LineException(
                    number + 1, "the line is longer than " + LINE_BYTES_MAX + " bytes");
        }
        // The caller is done with the line that it has.
        if (buffer.length - kept < READ_BYTES) {
            buffer = Arrays.copyOfRange(buffer, start, start + Math.max(2 * kept, 2 * READ_BYTES));
        } else {
            System.arraycopy(buffer, start, buffer, 0, kept);
        }
        start = 0;
        end = kept;
        int count = in.read(buffer, end, buffer.length - end);
        if (count < 0) {
            ended = true;
        } else {
            end += count;
        }
    }

    /// {@return the number of the line that was returned last, from 1}
    long number() {
        return number;
    }

    /// {@return how many bytes the lines so far had, their ends included}
    long takenBytes() {
        return taken;
    }
}
