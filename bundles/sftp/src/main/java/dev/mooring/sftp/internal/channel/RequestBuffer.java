package dev.mooring.sftp.internal.channel;

import dev.mooring.sftp.internal.files.NotUtf8Exception;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.apache.sshd.common.util.buffer.BufferException;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;

/** A request as it came. Text in it is UTF-8 or refused: a decoder that replaces bytes would make one name of two. */
final class RequestBuffer extends ByteArrayBuffer {

    /**
     * Makes one.
     *
     * @param request with its length in front; it becomes the request's own
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
            throw new BufferException("A text of " + length + " bytes, of which " + available() + " have come");
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
