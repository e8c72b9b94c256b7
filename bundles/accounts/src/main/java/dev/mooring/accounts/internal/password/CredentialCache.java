package dev.mooring.accounts.internal.password;

import dev.mooring.accounts.internal.user.Users;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The users and password hashes of the files, and a cache of accepted passwords. When a file changes, a new object with an empty cache replaces this
 * one.
 *
 * <p>The cache has a MAC of each password, under a random key of this object. So it can recognize a password but does not reveal it.
 */
public final class CredentialCache {

    private record Remembered(byte[] fingerprint, long until) {}

    public static final long LIFETIME = TimeUnit.MINUTES.toNanos(5);

    /** The limit of crypt(5). Longer passwords are refused, because the time of some hashes is quadratic in the length. */
    private static final int LONGEST_PASSWORD = 512;

    private static final byte[] PLACEHOLDER = new byte[8];
    private static final String MAC = "HmacSHA256";

    final Passwords passwords;
    final Users users;
    private final BiPredicate<byte[], String> hashes;
    private final Map<String, Remembered> remembered = new ConcurrentHashMap<>();
    private volatile @Nullable Mac mac;

    CredentialCache(Passwords passwords, Users users, BiPredicate<byte[], String> hashes) {
        this.passwords = passwords;
        this.users = users;
        this.hashes = hashes;
    }

    /** Made by the first login, because the JCE starts slowly. */
    private Mac mac() throws CloneNotSupportedException {
        Mac keyed = mac;
        if (keyed == null) {
            synchronized (this) {
                keyed = mac == null ? newMac() : mac;
                mac = keyed;
            }
        }
        return (Mac) keyed.clone();
    }

    private static Mac newMac() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        try {
            Mac keyed = Mac.getInstance(MAC);
            keyed.init(new SecretKeySpec(key, MAC));
            return keyed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has " + MAC, e);
        }
    }

    boolean isOf(Passwords passwords, Users users) {
        return this.passwords == passwords && this.users == users;
    }

    /** Whether a user has a password or a line in the file of users. */
    public boolean knows(String user) {
        return passwords.hash(user) != null || users.contains(user);
    }

    /** A fingerprint of a user and password, which reveals neither. */
    byte[] fingerprint(String user, byte[] password) {
        Mac fresh;
        try {
            fresh = mac();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("The MAC of the JDK can be cloned", e);
        }
        byte[] name = user.getBytes(StandardCharsets.UTF_8);
        fresh.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, name.length));
        fresh.update(name);
        return fresh.doFinal(password);
    }

    void remember(String user, byte[] fingerprint, long now) {
        remembered.put(user, new Remembered(fingerprint, now + LIFETIME));
    }

    boolean remembers(String user, byte[] fingerprint, long now) {
        Remembered last = remembered.get(user);
        return last != null && last.until - now > 0 && MessageDigest.isEqual(last.fingerprint, fingerprint);
    }

    /** Whether the password is the user's. If not, this takes the same time for each user, also for one that does not exist. */
    boolean matches(String user, byte[] password) {
        boolean fit = password.length <= LONGEST_PASSWORD && !contains(password, (byte) 0);
        byte[] checked = fit ? password : PLACEHOLDER;
        String own = passwords.hash(user);
        if (own != null && hashes.test(checked, own) && fit) {
            return true;
        }
        passwords.decoys(own).forEach(decoy -> hashes.test(checked, decoy));
        return false;
    }

    private static boolean contains(byte[] bytes, byte one) {
        boolean found = false;
        for (byte other : bytes) {
            found |= other == one;
        }
        return found;
    }
}
