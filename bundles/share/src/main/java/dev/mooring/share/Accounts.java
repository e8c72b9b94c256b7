package dev.mooring.share;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Who may log in, over whatever protocol, with what. A configuration {@code dev.mooring.accounts~NAME} publishes the
 * accounts of a few files as this service, {@link AccountFiles#open} makes them without OSGi. Any other implementation can
 * be registered in its place: a protocol takes the one whose {@link #ACCOUNTS_NAME} its configuration asks for.
 *
 * <p>Instances are safe for use by several threads.
 */
@ConsumerType
public interface Accounts {

    /** The factory PID: a configuration {@code dev.mooring.accounts~NAME} is one set of accounts, published as a service. */
    String PID = "dev.mooring.accounts";

    /** Service property: the name of these accounts, {@code default} where there is one set only. Type: {@code String}. */
    String ACCOUNTS_NAME = "accounts.name";

    /**
     * Asks whether somebody is who they claim to be. Does not wait: what takes time (a password hash is slow on purpose,
     * and a refusal is held back) goes on elsewhere; at most a small file is read. A password that was found right a short while ago is answered by a
     * stage that is complete already, within microseconds, so that a protocol may ask for each request.
     *
     * <p>To be called only where somebody has really tried to log in: each refusal counts against the peer's address.
     *
     * @param user the name that was given, whatever it contains
     * @param password the password that was given; it is copied and may be overwritten by the caller on return
     * @param peer who gave them
     * @return the verdict, to come. It never fails but for an error in the implementation, which is to be taken for a
     *     refusal. Whoever blocks in a function that depends on it holds up other logins: hand on to an executor
     */
    CompletionStage<Verdict> authenticate(String user, char[] password, Peer peer);

    /**
     * Asks whether a public key opens an account. A protocol does so before it has seen a signature, to tell the client
     * whether to sign, and again for the signed request; that the signature is right is for the protocol to verify, after
     * this, and before it lets anybody in. Keys cannot be guessed, so no key that is unknown counts as a failure, and an
     * address that has guessed passwords is still let in with a key.
     *
     * <p>May read a small file, and does nothing slower than that.
     *
     * @param user the name that was given, whatever it contains
     * @param key the public key as SSH encodes it, RFC 4253 section 6.6: the name of its type, then what that type says;
     *     not changed and not kept
     * @param peer who offers it
     * @return the account that the key opens, or {@code null} if it opens none for that user from that address
     */
    @Nullable
    Account authorize(String user, byte[] key, Peer peer);
}
