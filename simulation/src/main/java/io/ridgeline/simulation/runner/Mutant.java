package io.ridgeline.simulation.runner;

import io.ridgeline.engine.rule.Rule;
import io.ridgeline.engine.rule.Rules;
import io.ridgeline.simulation.disk.DiskRule;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// An engine or a storage that leaves one rule out; the checker must find it.
///
/// @param name of the rule
/// @param rules what the engine keeps
/// @param broken what the disks do not keep
public record Mutant(String name, Rules rules, Set<DiskRule> broken) {
    public Mutant {
        broken = broken.isEmpty() ? Set.of() : Set.copyOf(EnumSet.copyOf(broken));
    }

    /// {@return one for each rule of the engine and of the storage}
    public static List<Mutant> all() {
        List<Mutant> all = new ArrayList<>();
        for (Rule rule : Rule.values()) {
            // The storage clips what it saves, too: either alone is harmless.
            Set<DiskRule> broken =
                    rule == Rule.WATERMARK_WITHIN_DURABLE
                            ? Set.of(DiskRule.WATERMARK_WITHIN_DURABLE)
                            : Set.of();
            all.add(new Mutant(rule.name(), Rules.without(rule), broken));
        }
        for (DiskRule rule : DiskRule.values()) {
            if (rule != DiskRule.WATERMARK_WITHIN_DURABLE) {
                all.add(new Mutant("DISK_" + rule.name(), Rules.ALL, Set.of(rule)));
            }
        }
        return all;
    }
}
