package io.ridgeline.cli;

/// Colours, or none.
enum Style {
    PLAIN,
    COLOURED;

    static Style of(boolean coloured) {
        return coloured ? COLOURED : PLAIN;
    }

    private String paint(String code, String text) {
        return this == PLAIN ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
    }

    String bold(String text) {
        return paint("1", text);
    }

    String dim(String text) {
        return paint("2", text);
    }

    String name(String text) {
        return paint("36", text);
    }

    String good(String text) {
        return paint("32", text);
    }

    String warning(String text) {
        return paint("33", text);
    }

    String bad(String text) {
        return paint("31", text);
    }
}
