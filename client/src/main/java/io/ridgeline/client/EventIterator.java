package io.ridgeline.client;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// The events of a read, as they come from the server; holds a bounded number of them. Goes on by
/// itself where it was after a lost connection. For one thread; close it unless it was read to its
/// end.
public final class EventIterator implements Iterator<RecordedEvent>, AutoCloseable {
    private static final int EVENTS = WireReader.sizedTag(1);

    private final Feed feed;
    private final Cursor cursor;
    private long remaining;
    private byte @Nullable [] message;
    private @Nullable WireReader reader;
    private @Nullable RecordedEvent next;
    private boolean ended;

    EventIterator(Feed feed, Cursor cursor, long limit) {
        this.feed = feed;
        this.cursor = cursor;
        this.remaining = limit;
    }

    long remaining() {
        return remaining;
    }

    /// {@return whether there is another event; waits for the server to say so}
    ///
    /// @throws RidgelineException if the read failed
    @Override
    public boolean hasNext() {
        if (next == null && !ended) {
            try {
                next = advance();
            } catch (MalformedMessageException e) {
                close();
                throw Failure.of(
                                ErrorCode.UNRECOGNIZED,
                                Outcome.NOTHING_HAPPENED,
                                "the server's answer is wrong: " + e.getMessage())
                        .toException();
            }
            if (next == null) {
                close();
            }
        }
        return next != null;
    }

    /// {@return the next event}
    ///
    /// @throws NoSuchElementException at the end
    /// @throws RidgelineException if the read failed
    @Override
    public RecordedEvent next() {
        RecordedEvent event = hasNext() ? next : null;
        if (event == null) {
            throw new NoSuchElementException();
        }
        next = null;
        return event;
    }

    private @Nullable RecordedEvent advance() {
        if (remaining == 0) {
            return null;
        }
        while (true) {
            WireReader current = reader;
            byte[] bytes = message;
            while (current != null && bytes != null && current.hasMore()) {
                int tag = current.tag();
                if (tag != EVENTS) {
                    current.skip(tag);
                    continue;
                }
                int length = current.length();
                RecordedEvent event = new RecordedEvent(bytes, current.position(), length);
                current.skipBytes(length);
                if (cursor.accept(event)) {
                    if (remaining > 0) {
                        remaining--;
                    }
                    return event;
                }
            }
            if (cursor.isExhausted()) {
                return null;
            }
            bytes = feed.next();
            if (bytes == null) {
                return null;
            }
            message = bytes;
            reader = new WireReader(bytes, 0, bytes.length);
        }
    }

    /// Ends the read; there are no more events.
    @Override
    public void close() {
        ended = true;
        next = null;
        feed.close();
    }
}
