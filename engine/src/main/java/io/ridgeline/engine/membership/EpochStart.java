package io.ridgeline.engine.membership;

import io.ridgeline.engine.message.BytesReader;
import io.ridgeline.engine.message.BytesWriter;
import io.ridgeline.engine.message.MalformedMessageException;
import io.ridgeline.spi.NodeId;
import io.ridgeline.spi.Run;
import java.nio.ByteBuffer;

/// The payload of an entry of kind epoch start: who coordinates, and why.
///
/// Layout, version 1: string node, u64 startedAt, u8 reason. What follows is skipped.
public record EpochStart(Run run, Reason reason) {
    private static final int VERSION = 1;

    /// Why a reign began.
    public enum Reason {
        /// The coordinator was gone.
        TAKEOVER(1),
        /// An operator or balancing placed it; it stays until it is lost.
        PLACED(2),
        /// The oldest replica got it back.
        PREFERRED(3);

        private final int code;

        Reason(int code) {
            this.code = code;
        }

        /// {@return the number that stands for it}
        public int code() {
            return code;
        }

        /// {@return the reason of a number}
        public static Reason of(int code) {
            return switch (code) {
                case 1 -> TAKEOVER;
                case 2 -> PLACED;
                case 3 -> PREFERRED;
                default -> throw new MalformedMessageException("epoch start reason " + code);
            };
        }
    }

    /// {@return the payload}
    public ByteBuffer encode() {
        BytesWriter out = new BytesWriter(80);
        out.u8(VERSION);
        out.string(run.node().name());
        out.u64(run.startedAt());
        out.u8(reason.code());
        return out.finish();
    }

    /// {@return what a payload says}
    ///
    /// @throws MalformedMessageException if it is none, or of an unknown version
    public static EpochStart decode(ByteBuffer payload) {
        BytesReader in = new BytesReader(payload);
        int version = in.u8();
        if (version != VERSION) {
            throw new MalformedMessageException(
                    "epoch start version " + version + ", known is " + VERSION);
        }
        Run run = new Run(new NodeId(in.string()), in.u64());
        return new EpochStart(run, Reason.of(in.u8()));
    }
}
