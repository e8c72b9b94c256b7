package dev.mooring.http.internal.message;

import java.util.List;
import java.util.Locale;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/** The supported content codings (RFC 9110 section 8.4.1), in the order of preference: the one with the smallest result first. */
public enum Coding {
    BROTLI("br", ".br"),
    ZSTD("zstd", ".zst"),
    GZIP("gzip", ".gz"),
    IDENTITY("identity", "");

    /** The codings of precompressed files. */
    public static final List<Coding> PRECOMPRESSED = List.of(BROTLI, ZSTD, GZIP);

    private final String token;
    private final String suffix;

    Coding(String token, String suffix) {
        this.token = token;
        this.suffix = suffix;
    }

    /** The name of this coding in headers. */
    public String token() {
        return token;
    }

    /** The suffix of precompressed files in this coding. */
    public String suffix() {
        return suffix;
    }

    /**
     * The weight of this coding in a request (RFC 9110 section 12.5.3), in thousandths; 0 if the client does not accept it.
     *
     * @param headers the headers of the request
     */
    public int quality(HttpFields headers) {
        int any = -1;
        for (String value : headers.getValuesList(HttpHeader.ACCEPT_ENCODING)) {
            for (String item : value.split(",")) {
                int semicolon = item.indexOf(';');
                String name = (semicolon < 0 ? item : item.substring(0, semicolon))
                        .trim()
                        .toLowerCase(Locale.ROOT);
                if (name.equals(token) || this == GZIP && name.equals("x-gzip")) {
                    return quality(item, semicolon);
                }
                if (name.equals("*")) {
                    any = quality(item, semicolon);
                }
            }
        }
        // A client that does not name identity accepts it, but prefers the codings that it names.
        return any >= 0 ? any : this == IDENTITY ? 1 : 0;
    }

    private static int quality(String item, int semicolon) {
        int equals = semicolon < 0 ? -1 : item.indexOf('=', semicolon);
        if (equals < 0) {
            return 1000;
        }
        try {
            float weight = Float.parseFloat(item.substring(equals + 1).trim());
            return weight >= 0 && weight <= 1 ? Math.round(weight * 1000) : 0;
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
