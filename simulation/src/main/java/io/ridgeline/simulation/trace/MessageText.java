package io.ridgeline.simulation.trace;

import io.ridgeline.engine.message.FrameReader;
import io.ridgeline.engine.message.MalformedMessageException;
import io.ridgeline.engine.message.Message;
import io.ridgeline.engine.message.NodeMessage;
import io.ridgeline.engine.message.PartitionMessage;
import java.nio.ByteBuffer;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// Frames as text, for the story of a run.
public final class MessageText {
    private static final int LENGTH_MAX = 400;

    private MessageText() {}

    /// {@return the messages of a frame, without storage ids}
    public static String of(ByteBuffer frame) {
        StringJoiner text = new StringJoiner("; ");
        try {
            FrameReader reader = new FrameReader(frame.duplicate());
            @Nullable Message message = reader.next();
            while (message != null) {
                text.add(shorten(message));
                message = reader.next();
            }
        } catch (MalformedMessageException e) {
            text.add("malformed: " + e.getMessage());
        }
        return text.toString();
    }

    /// {@return whether a frame holds a message of a type}
    public static boolean holds(ByteBuffer frame, Class<? extends Message> type) {
        FrameReader reader = new FrameReader(frame.duplicate());
        @Nullable Message message = reader.next();
        while (message != null) {
            if (type.isInstance(message)) {
                return true;
            }
            message = reader.next();
        }
        return false;
    }

    private static String shorten(Message message) {
        String text = message.toString();
        if (message instanceof PartitionMessage about) {
            text =
                    text.replace(
                            about.header().toString(),
                            "p%s e%d"
                                    .formatted(about.header().partition(), about.header().epoch()));
        } else if (message instanceof NodeMessage.Heartbeat beat) {
            text = "Heartbeat[" + beat.sequence() + ", echo=" + beat.echo() + beat.digest() + "]";
        }
        text = text.replace("partition=", "p").replace("LogPosition", "");
        return text.length() <= LENGTH_MAX ? text : text.substring(0, LENGTH_MAX) + "…";
    }
}
