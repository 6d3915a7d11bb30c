package io.ridgeline.server;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse;
import io.grpc.ManagedChannel;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(TestNode.class)
class HealthApiTest {

    @ParameterizedTest
    @CsvSource({"live,buckets", "ready,coordinated", "started,recovered"})
    void theManagementPortSaysHowTheNodeIs(String probe, String check) {
        given().port(TestNode.managementPort())
                .get("/q/health/" + probe)
                .then()
                .statusCode(200)
                .body("status", equalTo("UP"))
                .body("checks.name", hasItem(check));
    }

    @Test
    void metricsAreThere() {
        given().port(TestNode.managementPort())
                .get("/q/metrics")
                .then()
                .statusCode(200)
                .body(containsString("ridgeline_ready 1.0"))
                .body(containsString("ridgeline_sync_seconds"))
                .body(containsString("ridgeline_queue_appends"));
    }

    @Test
    void grpcHealthIsThere() {
        ManagedChannel channel = TestNode.channel();
        try {
            assertThat(
                            HealthGrpc.newBlockingStub(channel)
                                    .withDeadlineAfter(20, TimeUnit.SECONDS)
                                    .check(HealthCheckRequest.getDefaultInstance())
                                    .getStatus())
                    .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
        } finally {
            channel.shutdownNow();
        }
    }
}
