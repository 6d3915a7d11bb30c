package io.ridgeline.engine;

/// What must hold for a transaction to be appended.
public sealed interface AppendCondition permits StreamCondition {}
