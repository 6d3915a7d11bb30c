package io.ridgeline.deployment;

import io.quarkus.deployment.annotations.BuildProducer;
import io.quarkus.deployment.annotations.BuildStep;
import io.quarkus.deployment.builditem.FeatureBuildItem;
import io.quarkus.deployment.builditem.nativeimage.ServiceProviderBuildItem;
import io.ridgeline.runtime.provider.ProviderKind;

/// The build steps of the extension.
final class RidgelineProcessor {

    @BuildStep
    FeatureBuildItem feature() {
        return new FeatureBuildItem("ridgeline");
    }

    /// Names the bundled providers to native images, which find no service that was not named.
    @BuildStep
    void registerProviders(BuildProducer<ServiceProviderBuildItem> services) {
        for (ProviderKind kind : ProviderKind.values()) {
            services.produce(
                    ServiceProviderBuildItem.allProvidersFromClassPath(kind.contract().getName()));
        }
    }
}
