package dev.mooring.http.internal.connector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http2.hpack.HpackDecoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LiteralEncoderTest {

    /** The literal of RFC 7541 appendix C.2.2, with its name written out. */
    @Test
    void fieldIsALiteral() {
        assertArrayEquals(
                HexFormat.of().parseHex("00" + "053a70617468" + "0c2f73616d706c652f70617468"),
                new LiteralEncoder().getEncodedField(null, ":path", "/sample/path"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 126, 127, 128, 254, 255, 256, 1000, 16510, 16511, 20000})
    void jettyDecodesFieldsOfAnyLength(int length) throws Exception {
        String value = "v".repeat(length);
        byte[] field = new LiteralEncoder().getEncodedField(null, "X-Name", value);
        HpackDecoder decoder = new HpackDecoder(1 << 16, System::nanoTime);

        HttpFields fields = decoder.decode(ByteBuffer.wrap(field)).getHttpFields();

        HttpField read = fields.getField("x-name");
        assertEquals(value, read.getValue() == null ? "" : read.getValue());
    }
}
