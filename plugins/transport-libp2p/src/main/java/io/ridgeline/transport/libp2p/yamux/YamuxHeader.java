package io.ridgeline.transport.libp2p.yamux;

import java.nio.ByteBuffer;

/// The twelve bytes before everything.
///
/// @param length bytes that follow, a delta, a ping's value or a reason: unsigned 32 bit
record YamuxHeader(int type, int flags, int streamId, long length) {
    static final int BYTES = 12;
    static final long UNSIGNED_MAX = 0xffff_ffffL;

    static final int DATA = 0;
    static final int WINDOW_UPDATE = 1;
    static final int PING = 2;
    static final int GO_AWAY = 3;

    static final int SYN = 1;
    static final int ACK = 2;
    static final int FIN = 4;
    static final int RST = 8;

    static final int NORMAL = 0;
    static final int PROTOCOL_ERROR = 1;
    static final int INTERNAL_ERROR = 2;

    static YamuxHeader read(ByteBuffer in) {
        int version = in.get();
        int type = in.get();
        int flags = in.getShort() & 0xffff;
        int streamId = in.getInt();
        long length = in.getInt() & UNSIGNED_MAX;
        if (version != 0 || type < DATA || type > GO_AWAY) {
            throw new YamuxViolation("frame of version " + version + ", type " + type);
        }
        return new YamuxHeader(type, flags, streamId, length);
    }

    void write(ByteBuffer out) {
        out.put((byte) 0).put((byte) type).putShort((short) flags).putInt(streamId);
        out.putInt((int) length);
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }
}
