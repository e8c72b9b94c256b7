package dev.mooring.accounts.internal.key;

import dev.mooring.accounts.internal.user.WatchedFile;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A line of an authorized_keys file, sshd(8). */
final class AuthorizedKey {

    private static final Set<String> TYPES = Set.of(
            "ssh-ed25519",
            "ecdsa-sha2-nistp256",
            "ecdsa-sha2-nistp384",
            "ecdsa-sha2-nistp521",
            "ssh-rsa",
            "sk-ssh-ed25519@openssh.com",
            "sk-ecdsa-sha2-nistp256@openssh.com");

    /** Options that allow or forbid features that do not exist here. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "restrict",
            "agent-forwarding",
            "no-agent-forwarding",
            "port-forwarding",
            "no-port-forwarding",
            "pty",
            "no-pty",
            "user-rc",
            "no-user-rc",
            "x11-forwarding",
            "no-x11-forwarding",
            "permitopen",
            "permitlisten",
            "tunnel",
            "environment",
            // A touch of the security key is required anyway.
            "no-touch-required");

    private static final Pattern OPTION = Pattern.compile("([A-Za-z0-9-]+)(?:=\"((?:[^\"\\\\]|\\\\.)*)\")?");
    private static final Pattern DATE = Pattern.compile("(\\d{8})(\\d{4})?(\\d{2})?(Z?)");
    private static final int SHORTEST_RSA = 2048;

    private final int line;
    private final byte[] blob;
    private final List<AddressPatterns> from = new ArrayList<>();
    private @Nullable Instant expiry;

    private AuthorizedKey(int line, byte[] blob) {
        this.line = line;
        this.blob = blob;
    }

    static List<AuthorizedKey> parse(List<WatchedFile.Line> lines) {
        List<AuthorizedKey> keys = new ArrayList<>();
        for (WatchedFile.Line line : lines) {
            try {
                keys.add(of(line.number(), line.text(), TimeZone.getDefault()));
            } catch (IllegalArgumentException e) {
                line.warn("is ignored: " + e.getMessage());
            }
        }
        return List.copyOf(keys);
    }

    /**
     * Parses a line.
     *
     * @param zone the zone of times without one. A {@link TimeZone}, because a {@link java.time.ZoneId} would load time-zone rules, which searches
     *     each jar
     * @throws IllegalArgumentException if the line is invalid; the message does not have its content
     */
    static AuthorizedKey of(int number, String line, TimeZone zone) {
        int options = isType(firstWord(line)) ? 0 : endOfOptions(line);
        String[] fields = line.substring(options).strip().split("\\s+", 3);
        if (fields.length < 2) {
            throw new IllegalArgumentException("it is not [OPTIONS] TYPE KEY [COMMENT]");
        }
        AuthorizedKey key = new AuthorizedKey(number, blob(fields[0], fields[1]));
        key.takeOptions(line.substring(0, options), zone);
        return key;
    }

    private static String firstWord(String line) {
        return line.split("\\s", 2)[0];
    }

    private static boolean isType(String word) {
        return TYPES.contains(word) || word.startsWith("ssh-") || word.endsWith("@openssh.com");
    }

    /** The position of the first blank outside quotation marks. */
    private static int endOfOptions(String line) {
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\\' && i + 1 < line.length() && line.charAt(i + 1) == '"') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && (c == ' ' || c == '\t')) {
                return i;
            }
        }
        throw new IllegalArgumentException("it is not [OPTIONS] TYPE KEY [COMMENT]");
    }

    private void takeOptions(String options, TimeZone zone) {
        Matcher option = OPTION.matcher(options);
        int end = 0;
        while (end < options.length()) {
            if (!option.find(end) || option.start() != end) {
                throw new IllegalArgumentException("its options cannot be parsed");
            }
            String value = option.group(2);
            take(option.group(1).toLowerCase(Locale.ROOT), value == null ? null : value.replace("\\\"", "\""), zone);
            end = option.end();
            if (end < options.length() && options.charAt(end) == ',' && end + 1 < options.length()) {
                end++;
            } else if (end < options.length()) {
                throw new IllegalArgumentException("its options cannot be parsed");
            }
        }
    }

    private void take(String name, @Nullable String value, TimeZone zone) {
        if (name.equals("from") && value != null) {
            from.add(new AddressPatterns(value));
        } else if (name.equals("expiry-time") && value != null) {
            Instant end = expiry(value, zone);
            expiry = expiry == null || end.isBefore(expiry) ? end : expiry;
        } else if (!WITHOUT_EFFECT.contains(name)) {
            throw new IllegalArgumentException("its option " + name
                    + " is not supported; use from=, expiry-time= or restrict"
                    + (name.equals("command") ? "; set share, home and read.only in the file of users" : ""));
        }
    }

    private static Instant expiry(String value, TimeZone zone) {
        Matcher date = DATE.matcher(value);
        if (!date.matches()) {
            throw new IllegalArgumentException("its expiry-time is not YYYYMMDD[HHMM[SS]][Z]");
        }
        String time = (date.group(2) == null ? "0000" : date.group(2)) + (date.group(3) == null ? "00" : date.group(3));
        try {
            return LocalDateTime.parse(date.group(1) + time, DateTimeFormatter.ofPattern("yyyyMMddHHmmss", Locale.ROOT))
                    .atZone(date.group(4).isEmpty() ? zone.toZoneId() : ZoneOffset.UTC)
                    .toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("its expiry-time is not a date", e);
        }
    }

    private static byte[] blob(String type, String base64) {
        if (!TYPES.contains(type)) {
            throw new IllegalArgumentException(
                    type.equals("ssh-dss")
                            ? "DSA keys are too weak; make an Ed25519 key with ssh-keygen"
                            : "its key type is none of " + String.join(", ", new TreeSet<>(TYPES)));
        }
        try {
            byte[] blob = Base64.getDecoder().decode(base64);
            ByteBuffer fields = ByteBuffer.wrap(blob);
            if (!new String(field(fields), StandardCharsets.US_ASCII).equals(type)) {
                throw new IllegalArgumentException("its key has another type than the line states");
            }
            if (type.equals("ssh-rsa")) {
                field(fields);
                if (new BigInteger(field(fields)).bitLength() < SHORTEST_RSA) {
                    throw new IllegalArgumentException(
                            "its RSA key has less than " + SHORTEST_RSA + " bits; make an Ed25519 key with ssh-keygen");
                }
            }
            return blob;
        } catch (BufferUnderflowException | NumberFormatException e) {
            throw new IllegalArgumentException("its key is truncated", e);
        }
    }

    /** Reads a {@code string} (RFC 4251 section 5). */
    private static byte[] field(ByteBuffer fields) {
        int length = fields.getInt();
        if (length < 0 || length > fields.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] field = new byte[length];
        fields.get(field);
        return field;
    }

    boolean is(byte[] key) {
        return Arrays.equals(blob, key);
    }

    /** The reason why the key is not accepted from an address at a time; {@code null} if it is. */
    @Nullable
    String refusalReason(@Nullable InetAddress address, Instant now) {
        if (expiry != null && now.isAfter(expiry)) {
            return "line " + line + " has expired";
        }
        return from.stream().allMatch(patterns -> patterns.allow(address))
                ? null
                : "line " + line + " does not allow this address";
    }
}
