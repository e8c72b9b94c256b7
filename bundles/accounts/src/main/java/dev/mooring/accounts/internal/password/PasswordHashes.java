package dev.mooring.accounts.internal.password;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.Md5Crypt;
import org.apache.commons.codec.digest.Sha2Crypt;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.bcrypt.BCrypt;

/** The hashes that {@code htpasswd} writes. The first check of a password loads the libraries. */
public final class PasswordHashes {

    private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$(\\d\\d)\\$[./A-Za-z0-9]{53}");
    private static final Pattern SHA_CRYPT = Pattern.compile("\\$(?:5(?=.*\\$[^$]{43}$)|6(?=.*\\$[^$]{86}$))"
            + "\\$(?:rounds=(\\d{1,9})\\$)?[./A-Za-z0-9]{1,16}\\$[./A-Za-z0-9]+");
    private static final Pattern APACHE_MD5 = Pattern.compile("\\$apr1\\$[./A-Za-z0-9]{1,8}\\$[./A-Za-z0-9]{22}");
    private static final Pattern SHA = Pattern.compile("\\{SHA}[A-Za-z0-9+/]{27}=");

    private static final Pattern COST =
            Pattern.compile("\\$2[aby]\\$\\d\\d|\\$[56]\\$(?:rounds=\\d+)?|\\$apr1\\$|\\{SHA}");

    /** The maximum of htpasswd. Such a hash takes some seconds. */
    private static final int HIGHEST_COST = 17;

    private static final int MOST_ROUNDS = 5_000_000;

    private PasswordHashes() {}

    /** The problem of a hash; {@code null} if there is none. */
    static @Nullable String problem(String hash) {
        Matcher bcrypt = BCRYPT.matcher(hash);
        if (bcrypt.matches()) {
            int cost = Integer.parseInt(bcrypt.group(1));
            return cost >= 4 && cost <= HIGHEST_COST ? null : "has a bcrypt cost outside 4 to " + HIGHEST_COST;
        }
        Matcher shaCrypt = SHA_CRYPT.matcher(hash);
        if (shaCrypt.matches()) {
            String rounds = shaCrypt.group(1);
            return rounds == null || Integer.parseInt(rounds) <= MOST_ROUNDS && Integer.parseInt(rounds) >= 1000
                    ? null
                    : "has rounds outside 1000 to " + MOST_ROUNDS;
        }
        if (APACHE_MD5.matcher(hash).matches() || SHA.matcher(hash).matches()) {
            return null;
        }
        return "has no supported hash (bcrypt, SHA-crypt, apr1, {SHA}); plain text and DES crypt are"
                + " refused: create it again with htpasswd -B";
    }

    /** The part of a hash that determines its computing time: the kind and the number of rounds. */
    public static String cost(String hash) {
        Matcher cost = COST.matcher(hash);
        return cost.lookingAt() ? cost.group() : "";
    }

    /** Whether a password matches a hash that has no {@link #problem}. This computes the hash, which is slow. */
    public static boolean matches(byte[] password, String hash) {
        return switch (hash.charAt(1)) {
            case '2' -> BCrypt.checkpw(password, hash);
            case '5' -> equal(hash, Sha2Crypt.sha256Crypt(password.clone(), hash));
            case '6' -> equal(hash, Sha2Crypt.sha512Crypt(password.clone(), hash));
            case 'a' -> equal(hash, Md5Crypt.apr1Crypt(password.clone(), hash));
            default -> equal(hash, "{SHA}" + Base64.getEncoder().encodeToString(sha1(password)));
        };
    }

    private static boolean equal(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] sha1(byte[] password) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(password);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-1", e);
        }
    }
}
