package dev.mooring.sftp.internal.crypto;

import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationTargetException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.SecretKey;
import org.apache.sshd.common.digest.BuiltinDigests;
import org.apache.sshd.common.digest.Digest;
import org.apache.sshd.common.kex.KeyEncapsulationMethod;
import org.apache.sshd.common.kex.MontgomeryCurve;
import org.apache.sshd.common.kex.XDH;
import org.jspecify.annotations.Nullable;

/**
 * ML-KEM-768 (FIPS 203) of the JDK, which has it since 24, for {@code mlkem768x25519-sha256} (draft-ietf-sshm-mlkem-hybrid-kex). SSHD 2
 * itself takes it from BouncyCastle. This class is loaded when a client has chosen the algorithm.
 */
final class MlKem implements KeyEncapsulationMethod.Server {

    private static final String ALGORITHM = "ML-KEM-768";
    private static final int PUBLIC_KEY_LENGTH = 1184;

    /** The bytes before the key in a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7); 2.16.840.1.101.3.4.4.2 is ML-KEM-768. */
    private static final byte[] X509 = HexFormat.of().parseHex("308204b2300b0609608648016503040402038204a100");

    private byte @Nullable [] secret;
    private byte @Nullable [] encapsulation;

    private MlKem() {}

    /** The hybrid key exchange, with X25519. */
    static XDH withX25519() throws Exception {
        return new Exchange();
    }

    /** Only the server's half: Mooring has no SSH client. */
    private static final class Exchange extends XDH implements KeyEncapsulationMethod {

        Exchange() throws Exception {
            super(MontgomeryCurve.x25519, true);
        }

        @Override
        public Digest getHash() {
            return BuiltinDigests.sha256.create();
        }

        @Override
        public KeyEncapsulationMethod getKeyEncapsulation() {
            return this;
        }

        @Override
        public Client getClient() {
            throw new UnsupportedOperationException("Mooring has no SSH client");
        }

        @Override
        public Server getServer() {
            return new MlKem();
        }
    }

    @Override
    public int getPublicKeyLength() {
        return PUBLIC_KEY_LENGTH;
    }

    @Override
    public byte[] init(byte[] clientKey) {
        if (clientKey.length < PUBLIC_KEY_LENGTH) {
            throw new IllegalArgumentException(
                    "The client's ML-KEM-768 key is shorter than " + PUBLIC_KEY_LENGTH + " bytes");
        }
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        encoded.writeBytes(X509);
        encoded.write(clientKey, 0, PUBLIC_KEY_LENGTH);
        try {
            PublicKey key =
                    KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded.toByteArray()));
            encapsulate(key);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("The client's ML-KEM-768 key is invalid", e);
        }
        return Arrays.copyOfRange(clientKey, PUBLIC_KEY_LENGTH, clientKey.length);
    }

    /** By reflection: the code is compiled for JDK 17, and {@code javax.crypto.KEM} exists since 21. */
    private void encapsulate(PublicKey key) throws GeneralSecurityException {
        try {
            Class<?> type = Class.forName("javax.crypto.KEM");
            Object kem = type.getMethod("getInstance", String.class).invoke(null, ALGORITHM);
            Object sender = type.getMethod("newEncapsulator", PublicKey.class).invoke(kem, key);
            Object result = Class.forName("javax.crypto.KEM$Encapsulator")
                    .getMethod("encapsulate")
                    .invoke(sender);
            Class<?> made = Class.forName("javax.crypto.KEM$Encapsulated");
            secret = ((SecretKey) made.getMethod("key").invoke(result)).getEncoded();
            encapsulation = (byte[]) made.getMethod("encapsulation").invoke(result);
        } catch (InvocationTargetException e) {
            throw new GeneralSecurityException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new GeneralSecurityException("This JDK has no " + ALGORITHM, e);
        }
    }

    @Override
    public byte[] getSecret() {
        return made(secret);
    }

    @Override
    public byte[] getEncapsulation() {
        return made(encapsulation);
    }

    private static byte[] made(byte @Nullable [] result) {
        if (result == null) {
            throw new IllegalStateException("init() has not been called");
        }
        return result;
    }
}
