package io.ridgeline.it.process;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;

/// How a command ended.
///
/// @param exit its exit code
/// @param out what it wrote to standard output
/// @param err what it wrote to standard error
public record Outcome(int exit, String out, String err) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// {@return the lines of standard output, each of which must be JSON}
    public List<JsonNode> lines() {
        return out.lines().map(Outcome::parse).toList();
    }

    /// {@return the single JSON line of standard output}
    public JsonNode json() {
        List<JsonNode> lines = lines();
        if (lines.size() != 1) {
            throw new AssertionError("expected one line of JSON: " + this);
        }
        return lines.getFirst();
    }

    /// {@return the error that standard error ends with, as JSON}
    public JsonNode error() {
        return parse(err.lines().reduce((first, second) -> second).orElse(""));
    }

    /// {@return a text as JSON}
    public static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }
}
