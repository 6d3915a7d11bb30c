/// Tests of the Java client.
@NullMarked
package io.ridgeline.client;

import org.jspecify.annotations.NullMarked;
