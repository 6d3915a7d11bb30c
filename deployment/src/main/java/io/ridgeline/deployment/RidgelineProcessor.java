package io.ridgeline.deployment;

import io.quarkus.deployment.annotations.BuildStep;
import io.quarkus.deployment.builditem.FeatureBuildItem;

/// The build steps of the extension.
final class RidgelineProcessor {

    @BuildStep
    FeatureBuildItem feature() {
        return new FeatureBuildItem("ridgeline");
    }
}
