package io.ridgeline.cli;

import java.util.ArrayList;
import java.util.List;

/// Aligned columns. Numbers go to the right.
final class Table {
    private static final String NUMBER = "-?[0-9][0-9,.]*";

    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... header) {
        this.header = List.of(header);
    }

    void row(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(cell.toString());
        }
        rows.add(row);
    }

    /// {@return the lines, the header first}
    List<String> lines(Style style) {
        int[] widths = new int[header.size()];
        boolean[] numbers = new boolean[header.size()];
        for (int column = 0; column < widths.length; column++) {
            widths[column] = width(header.get(column));
            numbers[column] = !rows.isEmpty();
            for (List<String> row : rows) {
                widths[column] = Math.max(widths[column], width(row.get(column)));
                numbers[column] &= row.get(column).matches(NUMBER);
            }
        }
        List<String> lines = new ArrayList<>();
        lines.add(style.bold(line(header, widths, numbers)));
        for (List<String> row : rows) {
            lines.add(line(row, widths, numbers));
        }
        return lines;
    }

    private static String line(List<String> cells, int[] widths, boolean[] numbers) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String cell = cells.get(column);
            String padding = " ".repeat(widths[column] - width(cell));
            line.append(column == 0 ? "" : "  ");
            line.append(numbers[column] ? padding + cell : cell + padding);
        }
        return line.toString().stripTrailing();
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }
}
