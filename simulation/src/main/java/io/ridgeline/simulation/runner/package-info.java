/// Runs seeds, mutants and shrinking, and reports.
@NullMarked
package io.ridgeline.simulation.runner;

import org.jspecify.annotations.NullMarked;
