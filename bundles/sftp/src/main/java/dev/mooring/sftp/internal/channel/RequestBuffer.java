package dev.mooring.sftp.internal.channel;

import dev.mooring.sftp.internal.files.NotUtf8Exception;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.apache.sshd.common.util.buffer.BufferException;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;

/** A received request. Text in it must be UTF-8: a decoder that replaces invalid bytes would turn two names into one. */
final class RequestBuffer extends ByteArrayBuffer {

    /**
     * Makes a buffer.
     *
     * @param request the request, with its length in front; the buffer keeps this array
     */
    RequestBuffer(byte[] request) {
        super(request);
    }

    @Override
    public String getString(Charset charset) {
        if (charset != StandardCharsets.UTF_8) {
            return super.getString(charset);
        }
        int length = getInt();
        if (length < 0 || length > available()) {
            throw new BufferException(
                    "A text has " + length + " bytes, but the request has only " + available() + " left");
        }
        ByteBuffer bytes = ByteBuffer.wrap(array(), rpos(), length);
        rpos(rpos() + length);
        try {
            return charset.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new NotUtf8Exception();
        }
    }
}
