package io.ridgeline.engine.rule;

import org.jspecify.annotations.Nullable;

/// Which rules hold. One comparison per question: it costs nothing that can be measured.
public final class Rules {
    /// What production runs with.
    public static final Rules ALL = new Rules(null);

    private final @Nullable Rule missing;

    private Rules(@Nullable Rule missing) {
        this.missing = missing;
    }

    /// {@return all rules but one: a deliberately broken engine, for the simulator}
    public static Rules without(Rule rule) {
        return new Rules(rule);
    }

    /// {@return whether the rule is to be followed}
    public boolean holds(Rule rule) {
        return rule != missing;
    }

    @Override
    public String toString() {
        return missing == null ? "all rules" : "all rules but " + missing;
    }
}
