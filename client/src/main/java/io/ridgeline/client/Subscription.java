package io.ridgeline.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.ridgeline.api.v1.SubscribeFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A subscription under way. After a lost connection it goes on by itself, here or at another
/// server, behind the last event that it handed over: no gap, no duplicate. It ends when it is
/// closed, when the handler throws, when its partition ends, or when going on is hopeless; [#done]
/// says which.
public final class Subscription implements AutoCloseable {
    private static final int EVENTS = WireReader.sizedTag(1);

    private final Feed feed;
    private final Cursor cursor;
    private final EventHandler handler;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private volatile Position position;
    private volatile boolean closing;

    Subscription(Feed feed, Cursor cursor, EventHandler handler) {
        this.feed = feed;
        this.cursor = cursor;
        this.handler = handler;
        this.position = cursor.position();
    }

    void run() {
        try {
            while (!closing) {
                byte[] frame = feed.next();
                if (frame == null || !onFrame(frame)) {
                    break;
                }
            }
            feed.close();
            done.complete(null);
        } catch (MalformedMessageException | InvalidProtocolBufferException e) {
            feed.close();
            done.completeExceptionally(
                    Failure.of(
                                    ErrorCode.UNRECOGNIZED,
                                    Outcome.NOTHING_HAPPENED,
                                    "the server's answer is wrong: " + e.getMessage())
                            .toException());
        } catch (Throwable e) {
            // The edge of the thread: whatever the handler threw is the result.
            feed.close();
            done.completeExceptionally(e);
        }
    }

    /// @return whether more can come
    private boolean onFrame(byte[] bytes) throws InvalidProtocolBufferException {
        WireReader reader = new WireReader(bytes, 0, bytes.length);
        if (!reader.hasMore()) {
            throw new MalformedMessageException("an empty frame, or one of an unknown kind");
        }
        int tag = reader.tag();
        if (tag == EVENTS) {
            int length = reader.length();
            onEvents(bytes, new WireReader(bytes, reader.position(), length));
            return true;
        }
        SubscribeFrame frame = SubscribeFrame.parseFrom(ByteString.copyFrom(bytes));
        return switch (frame.getFrameCase()) {
            case CHECKPOINT -> {
                cursor.accept(Position.of(frame.getCheckpoint().getPosition()));
                if (movesPosition()) {
                    handler.onCheckpoint(position);
                }
                yield true;
            }
            case CAUGHT_UP -> {
                cursor.accept(Position.of(frame.getCaughtUp().getPosition()));
                boolean all = feed.caughtUp();
                if (movesPosition() && all) {
                    handler.onCaughtUp(position);
                }
                yield true;
            }
            // Its streams live on in partitions that a subscription to all goes on with.
            case PARTITION_ENDED -> !(cursor.source instanceof Source.OnePartition);
            case EVENTS, FRAME_NOT_SET ->
                    throw new MalformedMessageException("a frame of an unknown kind, tag " + tag);
        };
    }

    private void onEvents(byte[] bytes, WireReader reader) {
        List<RecordedEvent> events = new ArrayList<>();
        while (reader.hasMore()) {
            int tag = reader.tag();
            if (tag == EVENTS) {
                int length = reader.length();
                RecordedEvent event = new RecordedEvent(bytes, reader.position(), length);
                reader.skipBytes(length);
                if (cursor.accept(event)) {
                    events.add(event);
                }
            } else {
                reader.skip(tag);
            }
        }
        if (!events.isEmpty() && !closing) {
            handler.onEvents(events);
            movesPosition();
        }
    }

    /// A position that lacks a partition would begin with all of its history.
    ///
    /// @return whether there is a position, since every partition's place is known
    private boolean movesPosition() {
        boolean known = cursor.isAnchored();
        if (known) {
            position = cursor.position();
        }
        return known;
    }

    /// {@return what was handed over so far; safe to store and to go on from after a restart}
    public Position position() {
        return position;
    }

    /// {@return completes when the subscription has ended: exceptionally with what the handler
    /// threw or with a [RidgelineException], else normally. No handler runs after that.}
    public CompletableFuture<Void> done() {
        return done;
    }

    /// Ends the subscription. A handler that runs is not interrupted; see [#done].
    @Override
    public void close() {
        closing = true;
        feed.close();
    }
}
