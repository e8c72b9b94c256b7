package dev.mooring.accounts;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Checks logins for all protocols. A configuration {@code dev.mooring.accounts~NAME} publishes accounts in files as this service;
 * {@link AccountFiles#open} makes them without OSGi. Other implementations can be registered instead. A protocol uses the service whose
 * {@link #ACCOUNTS_NAME} its configuration selects.
 *
 * <p>Instances are safe for use by several threads.
 */
@ConsumerType
public interface Accounts {

    /** The factory PID. Each configuration {@code dev.mooring.accounts~NAME} is a set of accounts, published as a service. */
    String PID = "dev.mooring.accounts";

    /** Service property: the name of these accounts; {@code default} if there is only one set. Type: {@code String}. */
    String ACCOUNTS_NAME = "accounts.name";

    /**
     * Checks a user name and password. Does not block, except to read a small file. Slow work, such as password hashing and the delay of a refusal,
     * runs on other threads. If the same password was accepted shortly before, the returned stage is already complete, within microseconds, so a
     * protocol may call this for each request.
     *
     * <p>Call this only for a real login attempt, because each refusal counts against the peer's address.
     *
     * @param user the given name, which may contain any characters
     * @param password the given password; this method copies it, and the caller may overwrite it afterwards
     * @param peer the peer that logs in
     * @return a stage for the verdict. It fails only after an error in the implementation; treat that as a refusal. A dependent function must not
     *     block, because that delays other logins: use an executor
     */
    CompletionStage<Verdict> authenticate(String user, char[] password, Peer peer);

    /**
     * Checks whether a public key opens an account. A protocol calls this before it has a signature, to tell the client whether to sign, and again
     * for the signed request. The protocol must then verify the signature before it accepts the login. Keys cannot be guessed, so an unknown key does
     * not count as a failure, and a key works from an address that is blocked for passwords.
     *
     * <p>Does not block, except to read a small file.
     *
     * @param user the given name, which may contain any characters
     * @param key the public key in SSH encoding, RFC 4253 section 6.6: the name of its type, then data of that type; neither changed nor kept
     * @param peer the peer that offers the key
     * @return the account that the key opens, or {@code null} if it opens none for this user from this address
     */
    @Nullable
    Account authorize(String user, byte[] key, Peer peer);
}
