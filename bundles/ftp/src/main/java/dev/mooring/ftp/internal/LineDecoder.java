package dev.mooring.ftp.internal;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.apache.mina.core.buffer.IoBuffer;
import org.apache.mina.core.session.AttributeKey;
import org.apache.mina.core.session.IoSession;
import org.apache.mina.filter.codec.ProtocolCodecFactory;
import org.apache.mina.filter.codec.ProtocolDecoder;
import org.apache.mina.filter.codec.ProtocolDecoderOutput;
import org.apache.mina.filter.codec.ProtocolEncoder;
import org.apache.mina.filter.codec.ProtocolEncoderAdapter;
import org.apache.mina.filter.codec.ProtocolEncoderOutput;

/**
 * Lines of a control connection. FtpServer's own takes the Telnet codes that precede an {@code ABOR} (RFC 959 section 4.1.3)
 * for malformed UTF-8, and puts no bound to what it keeps of a line.
 */
final class LineCodec implements ProtocolCodecFactory {

    private static final AttributeKey STATE = new AttributeKey(LineCodec.class, "state");
    private static final int LONGEST = 8192;
    private static final int TLS_HANDSHAKE = 0x16;
    private static final int IAC = 0xff;
    private static final int FIRST_TELNET_COMMAND = 0xf0;
    private static final int FIRST_WITH_OPTION = 0xfb;

    /** What has come of a line so far. */
    private static final class Line extends ByteArrayOutputStream {
        /** The Telnet code that has begun, of one byte or two after IAC (RFC 854). */
        int telnet;

        boolean tooLong;

        /** Whether the octet belongs to a Telnet code, and not to the line. */
        boolean isTelnet(int octet) {
            int before = telnet;
            telnet = 0;
            if (before >= FIRST_WITH_OPTION && before < IAC) {
                return true;
            }
            if (before == IAC && octet >= FIRST_TELNET_COMMAND) {
                // IAC IAC is the octet itself, which no UTF-8 has: it is left out too.
                telnet = octet == IAC ? 0 : octet;
                return true;
            }
            if (octet == IAC) {
                telnet = IAC;
                return true;
            }
            return false;
        }
    }

    private static final ProtocolDecoder DECODER = new ProtocolDecoder() {
        @Override
        public void decode(IoSession session, IoBuffer in, ProtocolDecoderOutput out) {
            Line line = (Line) session.getAttribute(STATE);
            if (line == null) {
                line = new Line();
                session.setAttribute(STATE, line);
            }
            while (in.hasRemaining()) {
                int octet = in.get() & 0xff;
                if (line.isTelnet(octet)) {
                    continue;
                }
                if (octet == '\n') {
                    out.write(end(line));
                } else if (octet == TLS_HANDSHAKE && line.size() == 0) {
                    out.write(Request.unreadable(new Reply(421, "TLS begins after AUTH TLS here.")));
                    line.write(octet);
                } else if (line.size() < LONGEST) {
                    line.write(octet);
                } else {
                    line.tooLong = true;
                }
            }
        }

        private static Request end(Line line) {
            byte[] bytes = line.toByteArray();
            boolean tooLong = line.tooLong;
            line.reset();
            line.tooLong = false;
            if (tooLong) {
                return Request.unreadable(new Reply(500, "The command is longer than " + LONGEST + " bytes."));
            }
            int length = bytes.length > 0 && bytes[bytes.length - 1] == '\r' ? bytes.length - 1 : bytes.length;
            try {
                return Request.of(StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes, 0, length))
                        .toString());
            } catch (CharacterCodingException e) {
                return Request.unreadable(new Reply(501, "The command is not in UTF-8."));
            }
        }

        @Override
        public void finishDecode(IoSession session, ProtocolDecoderOutput out) {
            // A line without an end is no command.
        }

        @Override
        public void dispose(IoSession session) {
            session.removeAttribute(STATE);
        }
    };

    private static final ProtocolEncoder ENCODER = new ProtocolEncoderAdapter() {
        @Override
        public void encode(IoSession session, Object reply, ProtocolEncoderOutput out) {
            out.write(IoBuffer.wrap(reply.toString().getBytes(StandardCharsets.UTF_8)));
        }
    };

    @Override
    public ProtocolDecoder getDecoder(IoSession session) {
        return DECODER;
    }

    @Override
    public ProtocolEncoder getEncoder(IoSession session) {
        return ENCODER;
    }

    /** Forgets what has come of a line: it was not encrypted, and what comes next is. */
    static void forget(IoSession session) {
        session.removeAttribute(STATE);
    }
}
