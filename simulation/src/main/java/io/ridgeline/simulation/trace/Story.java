package io.ridgeline.simulation.trace;

import java.util.List;
import java.util.regex.Pattern;

/// A run as text, and as a Mermaid sequence diagram.
public final class Story {
    private static final Pattern UNSAFE = Pattern.compile("[;#<>{}\\n]");
    private static final int LABEL_MAX = 140;

    private Story() {}

    /// {@return the last lines, heartbeats left out}
    public static String text(List<Trace.Line> lines, int linesMax) {
        List<Trace.Line> worth = worthTelling(lines);
        StringBuilder text = new StringBuilder();
        for (Trace.Line line : worth.subList(Math.max(0, worth.size() - linesMax), worth.size())) {
            String who = line.to().isEmpty() ? line.from() : line.from() + " -> " + line.to();
            text.append("%12.6f  %-9s %s%n".formatted(line.nanos() / 1e9, who, line.text()));
        }
        return text.toString();
    }

    /// {@return the last lines as a diagram}
    public static String mermaid(List<Trace.Line> lines, int linesMax) {
        List<Trace.Line> worth = worthTelling(lines);
        StringBuilder text = new StringBuilder("sequenceDiagram\n");
        for (Trace.Line line : worth.subList(Math.max(0, worth.size() - linesMax), worth.size())) {
            String label = UNSAFE.matcher(line.text()).replaceAll(" ");
            if (label.length() > LABEL_MAX) {
                label = label.substring(0, LABEL_MAX);
            }
            if (!line.to().isEmpty()) {
                String arrow = line.text().startsWith("[") ? "-x" : "->>";
                text.append("    ").append(line.from()).append(arrow).append(line.to());
                text.append(": ").append(label).append('\n');
            } else if (!line.from().isEmpty()) {
                text.append("    Note over ").append(line.from()).append(": ");
                text.append(label).append('\n');
            }
        }
        return text.toString();
    }

    private static List<Trace.Line> worthTelling(List<Trace.Line> lines) {
        return lines.stream()
                .filter(line ->
                        line.to().isEmpty()
                                || !line.text().startsWith("Heartbeat")
                                || line.text().contains("; "))
                .toList();
    }
}
