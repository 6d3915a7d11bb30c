/// The safety and liveness rules of the protocol by name. Each acts at exactly one place, which
/// asks [io.ridgeline.engine.rule.Rules#holds]; production runs with all of them, the simulator's
/// mutants switch one off.
@NullMarked
package io.ridgeline.engine.rule;

import org.jspecify.annotations.NullMarked;
