package dev.mooring.http.internal.message;

import dev.mooring.share.SharePath;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.HexFormat;
import java.util.List;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpStatus;

/**
 * The path of a request (RFC 3986 section 3.3). The raw path is split first, and then each name is decoded. So clients can request every valid file
 * name, and no other.
 *
 * @param path the decoded names
 * @param directory whether the path ends in a slash
 * @param canonical whether the path has no empty name and no {@code .} in it
 */
public record RequestPath(SharePath path, boolean directory, boolean canonical) {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    /**
     * Parses a path.
     *
     * @param raw the path as it was sent
     * @throws NoSuchFileException if it contains a name that is not allowed in a share: {@code ..}, or a name with a slash
     * @throws HttpException.RuntimeException with status 400 if it is not absolute, or not percent-encoded UTF-8
     */
    public static RequestPath of(String raw) throws NoSuchFileException {
        if (!raw.startsWith("/")) {
            throw new HttpException.RuntimeException(HttpStatus.BAD_REQUEST_400, "The path is not absolute");
        }
        SharePath path = SharePath.ROOT;
        boolean canonical = true;
        boolean directory = false;
        for (int start = 1; start <= raw.length(); ) {
            int slash = raw.indexOf('/', start);
            int end = slash < 0 ? raw.length() : slash;
            String name = decode(raw.substring(start, end));
            boolean empty = name.isEmpty() || name.equals(".");
            if (!empty) {
                try {
                    path = path.resolve(name);
                } catch (InvalidPathException e) {
                    throw new NoSuchFileException(raw);
                }
            }
            directory = slash >= 0 || empty;
            canonical &= !empty || slash < 0 && name.isEmpty();
            start = end + 1;
        }
        return new RequestPath(path, directory, canonical);
    }

    /**
     * Returns this path relative to a base path.
     *
     * @param base the path of the root of the share
     * @throws NoSuchFileException if this path is neither the base path nor below it
     */
    public SharePath below(SharePath base) throws NoSuchFileException {
        int depth = base.names().size();
        if (depth == 0) {
            return path;
        }
        List<String> names = path.names();
        if (names.size() < depth || !names.subList(0, depth).equals(base.names())) {
            throw new NoSuchFileException(path.toString());
        }
        SharePath below = SharePath.ROOT;
        for (String name : names.subList(depth, names.size())) {
            below = below.resolve(name);
        }
        return below;
    }

    /**
     * Encodes the path for a URI. The result has no empty names and no {@code .}, and only unreserved characters are not encoded (RFC 3986 section
     * 2.3).
     *
     * @param asDirectory whether to add a slash at the end
     */
    public String encode(boolean asDirectory) {
        StringBuilder encoded = new StringBuilder();
        for (String name : path.names()) {
            appendEncoded(encoded.append('/'), name);
        }
        return asDirectory ? encoded.append('/').toString() : encoded.toString();
    }

    /**
     * Appends a name for a URI. Encodes every byte except the unreserved characters as {@code %XX}, and an unpaired surrogate, which has no encoding
     * in UTF-8, as the replacement character.
     */
    public static void appendEncoded(StringBuilder out, String name) {
        for (int i = 0, c; i < name.length(); i += Character.charCount(c)) {
            c = name.codePointAt(i);
            if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._~".indexOf(c) >= 0) {
                out.append((char) c);
            } else {
                int scalar = Character.getType(c) == Character.SURROGATE ? 0xFFFD : c;
                for (byte octet : Character.toString(scalar).getBytes(StandardCharsets.UTF_8)) {
                    out.append('%').append(HEX.toHighHexDigit(octet)).append(HEX.toLowHexDigit(octet));
                }
            }
        }
    }

    private static String decode(String raw) {
        if (raw.indexOf('%') < 0) {
            return raw;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
        for (int i = 0; i < raw.length(); ) {
            int percent = raw.indexOf('%', i);
            int end = percent < 0 ? raw.length() : percent;
            bytes.writeBytes(raw.substring(i, end).getBytes(StandardCharsets.UTF_8));
            if (percent >= 0) {
                bytes.write(octet(raw, percent));
                end += 3;
            }
            i = end;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new HttpException.RuntimeException(HttpStatus.BAD_REQUEST_400, "The path is not UTF-8", e);
        }
    }

    private static int octet(String raw, int percent) {
        try {
            return HexFormat.fromHexDigits(raw, percent + 1, percent + 3);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new HttpException.RuntimeException(
                    HttpStatus.BAD_REQUEST_400, "The path has a % without two hexadecimal digits", e);
        }
    }
}
