package dev.mooring.ftp.internal.control;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Decodes the bytes of one control connection into commands, and removes Telnet codes (RFC 959 section 4.1.3). Not thread-safe. */
final class LineDecoder {

    private static final int MAX_LENGTH = 8192;
    private static final int USUAL_LENGTH = 256;
    private static final int TLS_HANDSHAKE = 0x16;
    private static final int IAC = 0xff;
    private static final int FIRST_TELNET_COMMAND = 0xf0;
    private static final int FIRST_WITH_OPTION = 0xfb;

    /** The bytes of an incomplete line. */
    private ByteArrayOutputStream line = new ByteArrayOutputStream();

    /** The last byte of an incomplete Telnet code, which has one or two bytes after IAC (RFC 854); 0 for none. */
    private int telnet;

    private boolean tooLong;

    /** Consumes bytes, and returns the commands that they complete. */
    List<Request> decode(ByteBuffer in) {
        List<Request> requests = new ArrayList<>(1);
        while (in.hasRemaining()) {
            int octet = in.get() & 0xff;
            if (isTelnet(octet)) {
                continue;
            }
            if (octet == '\n') {
                requests.add(endLine());
            } else if (octet == TLS_HANDSHAKE && line.size() == 0) {
                requests.add(Request.invalid(new Reply(421, "Send AUTH TLS before the TLS handshake.")));
                line.write(octet);
            } else if (line.size() < MAX_LENGTH) {
                line.write(octet);
            } else {
                tooLong = true;
            }
        }
        return requests;
    }

    /** Whether the octet belongs to a Telnet code instead of the line. */
    private boolean isTelnet(int octet) {
        int before = telnet;
        telnet = 0;
        if (before >= FIRST_WITH_OPTION && before < IAC) {
            return true;
        }
        if (before == IAC && octet >= FIRST_TELNET_COMMAND) {
            // IAC IAC means the octet 0xff. UTF-8 does not have it, so it is removed too.
            telnet = octet == IAC ? 0 : octet;
            return true;
        }
        if (octet == IAC) {
            telnet = IAC;
            return true;
        }
        return false;
    }

    private Request endLine() {
        byte[] bytes = line.toByteArray();
        boolean refused = tooLong;
        discardLine();
        if (refused) {
            return Request.invalid(new Reply(500, "The command is longer than " + MAX_LENGTH + " bytes."));
        }
        int length = bytes.length > 0 && bytes[bytes.length - 1] == '\r' ? bytes.length - 1 : bytes.length;
        try {
            return Request.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString());
        } catch (CharacterCodingException e) {
            return Request.invalid(new Reply(501, "The command is not in UTF-8."));
        }
    }

    private void discardLine() {
        tooLong = false;
        if (line.size() > USUAL_LENGTH) {
            // reset() would keep the array of the longest line.
            line = new ByteArrayOutputStream();
        } else {
            line.reset();
        }
    }

    /** Discards an incomplete line. */
    void discard() {
        discardLine();
        telnet = 0;
    }
}
