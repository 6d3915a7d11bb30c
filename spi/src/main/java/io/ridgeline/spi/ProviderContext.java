package io.ridgeline.spi;

import io.ridgeline.spi.config.ProviderConfig;
import java.nio.file.Path;

/// What a provider is given to make its implementation.
///
/// @param node the name of this node
/// @param dataFolder the node's data folder; exists. An implementation keeps to a folder of its own
///   name in it
/// @param config the provider's own keys, complete with defaults and checked for unknown ones
public record ProviderContext(NodeId node, Path dataFolder, ProviderConfig config) {}
