package io.ridgeline.runtime.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.ridgeline.api.v1.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RefusalTest {
    /// The comment of each code in the API's description begins with its status, or with a reason
    /// why it is not another one.
    @ParameterizedTest
    @EnumSource(
            value = ErrorCode.class,
            names = {"ERROR_CODE_UNSPECIFIED", "UNRECOGNIZED"},
            mode = EnumSource.Mode.EXCLUDE)
    void everyKindHasTheOneStatusThatTheApiSays(ErrorCode code) throws Exception {
        String api =
                Files.readString(Path.of("../api/src/main/proto/ridgeline/v1/event_store.proto"));
        Matcher comment =
                Pattern.compile("((?: *//.*\\n)+) *" + code.name() + " = \\d+;").matcher(api);
        assertThat(comment.find()).isTrue();
        String status = Refusal.statusCode(code).name();
        assertThat(comment.group(1)).contains(status + ".");
    }

    @ParameterizedTest
    @EnumSource(
            value = ErrorCode.class,
            names = {"UNRECOGNIZED"},
            mode = EnumSource.Mode.EXCLUDE)
    void saysTheSameAsStatusAndWithinAnAnswer(ErrorCode code)
            throws InvalidProtocolBufferException {
        Refusal refusal =
                Refusal.of(code, "what " + code.name().toLowerCase(Locale.ROOT), Map.of("k", "v"));
        StatusRuntimeException e = refusal.toException();
        Status status = Objects.requireNonNull(StatusProto.fromThrowable(e));
        ErrorInfo info = status.getDetails(0).unpack(ErrorInfo.class);
        assertThat(info.getDomain()).isEqualTo("ridgeline");
        assertThat(info.getReason()).isEqualTo(code.name());
        assertThat(info.getMetadataMap()).isEqualTo(refusal.toError().getMetadataMap());
        assertThat(refusal.toError().getCode()).isEqualTo(code);
        assertThat(status.getMessage()).isEqualTo(refusal.toError().getMessage());
    }
}
