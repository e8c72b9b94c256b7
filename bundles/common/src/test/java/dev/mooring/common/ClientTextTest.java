package dev.mooring.common;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ClientTextTest {

    private static final String FORGED = "a\n\u001b[31m\u202e login refused: address=8.8.8.8 \"%\\";

    @Test
    void valueIsVisibleAsciiWithoutBlanksAndQuotes() {
        assertEquals(
                "a%0A%1B[31m%E2%80%AE%20login%20refused:%20address=8.8.8.8%20%22%25%5C",
                ClientText.of(FORGED).toString());
        assertEquals("-", ClientText.of("").toString());
        assertEquals("null", ClientText.of(null).toString());
    }

    @Test
    void sentenceKeepsItsBlanksAndHasNoKeysAndValues() {
        assertEquals(
                "a%0A%1B[31m%E2%80%AE login refused: address%3D8.8.8.8 %22%25%5C",
                ClientText.sentence(FORGED).toString());
    }

    @Test
    void encodedTextIsNotEncodedAgain() {
        assertEquals("/a%20b%0A", ClientText.encodeRest("/a%20b\n"));
        assertEquals("/a%2520b", ClientText.encode("/a%20b"));
    }

    @Test
    void longTextIsCutOff() {
        String text = ClientText.of("a".repeat(100_000)).toString();
        assertEquals("a".repeat(ClientText.LONGEST) + "...", text);
    }

    @Test
    void traceHasTheFramesAndCausesAndNoForgedLine() {
        Exception cause = new IllegalArgumentException("forged\nlogin refused: address=8.8.8.8 ");
        StringWriter printed = new StringWriter();
        ClientText.trace(new IllegalStateException(FORGED, cause)).printStackTrace(new PrintWriter(printed, true));
        String text = printed.toString();
        assertTrue(text.startsWith("java.lang.IllegalStateException: a%0A%1B[31m"), text);
        assertTrue(
                text.contains("Caused by: java.lang.IllegalArgumentException: forged%0Alogin refused: address%3D"),
                text);
        assertTrue(
                text.contains("\tat dev.mooring.common/dev.mooring.common.ClientTextTest")
                        || text.contains("\tat dev.mooring.common.ClientTextTest"),
                text);
        assertFalse(text.contains("address=8.8.8.8"), text);
    }
}
