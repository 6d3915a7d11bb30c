package io.ridgeline.transport.libp2p.multiformats;

import java.util.Arrays;

/// base58btc, in which PeerIds are written.
final class Base58 {
    private static final String ALPHABET =
            "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    /// Decoding is quadratic, so its input is bounded.
    private static final int CHARACTERS_MAX = 256;

    private Base58() {}

    static String encode(byte[] bytes) {
        int zeros = 0;
        while (zeros < bytes.length && bytes[zeros] == 0) {
            zeros++;
        }
        byte[] digits = new byte[bytes.length * 2];
        int length = 0;
        for (int i = zeros; i < bytes.length; i++) {
            int carry = bytes[i] & 0xff;
            for (int j = 0; j < length; j++) {
                carry += digits[j] << 8;
                digits[j] = (byte) (carry % 58);
                carry /= 58;
            }
            while (carry > 0) {
                digits[length++] = (byte) (carry % 58);
                carry /= 58;
            }
        }
        StringBuilder text = new StringBuilder(zeros + length);
        text.repeat(ALPHABET.charAt(0), zeros);
        for (int i = length - 1; i >= 0; i--) {
            text.append(ALPHABET.charAt(digits[i]));
        }
        return text.toString();
    }

    static byte[] decode(String text) {
        if (text.length() > CHARACTERS_MAX) {
            throw new MalformedException("base58 text is longer than " + CHARACTERS_MAX);
        }
        int zeros = 0;
        while (zeros < text.length() && text.charAt(zeros) == ALPHABET.charAt(0)) {
            zeros++;
        }
        // Least significant byte first while we calculate.
        int[] bytes = new int[text.length()];
        int length = 0;
        for (int i = zeros; i < text.length(); i++) {
            int carry = ALPHABET.indexOf(text.charAt(i));
            if (carry < 0) {
                throw new MalformedException("not a base58 character: " + text.charAt(i));
            }
            for (int j = 0; j < length; j++) {
                carry += bytes[j] * 58;
                bytes[j] = carry & 0xff;
                carry >>= 8;
            }
            while (carry > 0) {
                bytes[length++] = carry & 0xff;
                carry >>= 8;
            }
        }
        byte[] result = new byte[zeros + length];
        Arrays.fill(result, 0, zeros, (byte) 0);
        for (int i = 0; i < length; i++) {
            result[zeros + i] = (byte) bytes[length - 1 - i];
        }
        return result;
    }
}
