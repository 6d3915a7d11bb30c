package io.ridgeline.transport.libp2p.multiformats;

import java.io.ByteArrayOutputStream;

/// base32 in lower case without padding, in which CIDs are written.
final class Base32 {
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

    private Base32() {}

    static String encode(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        int bits = 0;
        int pending = 0;
        for (byte next : bytes) {
            pending = (pending << 8 | (next & 0xff)) & 0xfff;
            bits += 8;
            while (bits >= 5) {
                bits -= 5;
                text.append(ALPHABET.charAt(pending >> bits & 31));
            }
        }
        if (bits > 0) {
            text.append(ALPHABET.charAt(pending << (5 - bits) & 31));
        }
        return text.toString();
    }

    static byte[] decode(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int bits = 0;
        int pending = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = ALPHABET.indexOf(text.charAt(i));
            if (digit < 0) {
                throw new MalformedException("not a base32 character: " + text.charAt(i));
            }
            pending = (pending << 5 | digit) & 0xfff;
            bits += 5;
            if (bits >= 8) {
                bits -= 8;
                bytes.write(pending >> bits & 0xff);
            }
        }
        if (bits >= 5 || (pending & (1 << bits) - 1) != 0) {
            throw new MalformedException("base32 text ends with stray bits");
        }
        return bytes.toByteArray();
    }
}
