package dev.mooring.protocol.internal.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.KeyAgreement;

/** Reads certificates and keys from PEM files (RFC 7468). */
public final class PemFiles {

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----", Pattern.DOTALL);

    private PemFiles() {}

    /**
     * The error for a file that cannot be read.
     *
     * @param file the file
     * @param setting the configuration key that names it
     * @param cause the error of the file system
     * @return an error whose message has the remedy
     */
    public static IOException unreadable(Path file, String setting, IOException cause) {
        return new IOException(
                cause instanceof NoSuchFileException
                        ? "there is no file " + file + "; set " + setting + " to a PEM file"
                        : cause instanceof AccessDeniedException
                                ? file + " may not be read by '" + System.getProperty("user.name")
                                        + "'; let this user read it"
                                : file + " cannot be read: " + cause.getMessage(),
                cause);
    }

    private static String read(Path file, String setting) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw unreadable(file, setting, e);
        }
    }

    /**
     * Reads the certificates of a file.
     *
     * @param file the file
     * @param setting the configuration key that names it
     * @return at least one certificate, in the order of the file
     * @throws IOException if there is none, or the file cannot be read; the message has the remedy
     */
    public static X509Certificate[] certificates(Path file, String setting) throws IOException {
        StringBuilder certificates = new StringBuilder();
        Matcher block = PEM.matcher(read(file, setting));
        while (block.find()) {
            if (block.group(1).endsWith("CERTIFICATE")) {
                certificates.append(block.group()).append('\n');
            }
        }
        try {
            X509Certificate[] all = CertificateFactory.getInstance("X.509")
                    .generateCertificates(
                            new ByteArrayInputStream(certificates.toString().getBytes(StandardCharsets.ISO_8859_1)))
                    .toArray(X509Certificate[]::new);
            if (all.length == 0) {
                throw new IOException(file + " has no certificate in it; it should have a part BEGIN CERTIFICATE");
            }
            return all;
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificate in " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Reads the key of a certificate.
     *
     * @param key the file of the key: PKCS #8, {@code RSA PRIVATE KEY} or {@code EC PRIVATE KEY}, not encrypted
     * @param setting the configuration key that names it
     * @param owner the certificate
     * @param certificate the file of the certificate, for messages
     * @return the key, which belongs to the certificate
     * @throws IOException if there is no such key, or the file cannot be read; the message has the remedy
     * @throws GeneralSecurityException if the JDK does not support the algorithm
     */
    public static PrivateKey key(Path key, String setting, X509Certificate owner, Path certificate)
            throws IOException, GeneralSecurityException {
        String text = read(key, setting);
        Matcher block = PEM.matcher(text);
        while (block.find()) {
            String kind = block.group(1);
            if (kind.equals("ENCRYPTED PRIVATE KEY") || block.group(2).contains("ENCRYPTED")) {
                throw new IOException("the key in " + key + " is encrypted; decrypt it with 'openssl pkey'");
            }
            if (kind.endsWith("PRIVATE KEY")) {
                PrivateKey secret =
                        decode(key, kind, Base64.getMimeDecoder().decode(block.group(2)), owner, certificate);
                if (!fits(secret, owner)) {
                    throw new IOException("the key in " + key + " is not that of the certificate "
                            + owner.getSubjectX500Principal() + " in " + certificate);
                }
                return secret;
            }
        }
        throw new IOException(key + " has no key in it; it should have a part BEGIN PRIVATE KEY");
    }

    private static PrivateKey decode(Path key, String kind, byte[] der, Certificate owner, Path certificate)
            throws IOException {
        String algorithm = owner.getPublicKey().getAlgorithm();
        byte[] encoded =
                switch (kind) {
                    case "PRIVATE KEY" -> der;
                    case "RSA PRIVATE KEY" -> wrap(RSA, der);
                    case "EC PRIVATE KEY" -> wrap(algorithmOf(owner), der);
                    default ->
                        throw new IOException(
                                "the key in " + key + " is a " + kind + "; convert it with 'openssl pkey'");
                };
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "the key in " + key + " is no " + algorithm + " key, as the certificate in " + certificate
                            + " needs it",
                    e);
        }
    }

    /** AlgorithmIdentifier of rsaEncryption, RFC 8017 appendix A.1. */
    private static final byte[] RSA = {
        0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00
    };

    /** The AlgorithmIdentifier of a public key, which begins its SubjectPublicKeyInfo (RFC 5280 section 4.1). */
    private static byte[] algorithmOf(Certificate owner) {
        byte[] info = owner.getPublicKey().getEncoded();
        int at = 1 + lengthOfLength(info, 1);
        int length = 1 + lengthOfLength(info, at + 1) + info[at + 1];
        return Arrays.copyOfRange(info, at, at + length);
    }

    private static int lengthOfLength(byte[] der, int at) {
        return der[at] >= 0 ? 1 : 1 + (der[at] & 0x7f);
    }

    /** PrivateKeyInfo, RFC 5208 section 5. */
    private static byte[] wrap(byte[] algorithm, byte[] der) {
        byte[] octets = tagged(0x04, der);
        byte[] content = new byte[3 + algorithm.length + octets.length];
        content[0] = 0x02;
        content[1] = 0x01;
        System.arraycopy(algorithm, 0, content, 3, algorithm.length);
        System.arraycopy(octets, 0, content, 3 + algorithm.length, octets.length);
        return tagged(0x30, content);
    }

    private static byte[] tagged(int tag, byte[] content) {
        byte[] header = content.length < 0x80
                ? new byte[] {(byte) tag, (byte) content.length}
                : content.length < 0x100
                        ? new byte[] {(byte) tag, (byte) 0x81, (byte) content.length}
                        : new byte[] {(byte) tag, (byte) 0x82, (byte) (content.length >> 8), (byte) content.length};
        byte[] all = Arrays.copyOf(header, header.length + content.length);
        System.arraycopy(content, 0, all, header.length, content.length);
        return all;
    }

    /**
     * Whether a key belongs to a certificate. To sign and verify takes up to 100 ms of a start. So RSA keys are compared, and for a key on a curve the public
     * key is calculated: a key agreement (ECDH) with the curve's generator gives its x coordinate.
     */
    private static boolean fits(PrivateKey secret, Certificate owner) throws GeneralSecurityException {
        PublicKey expected = owner.getPublicKey();
        if (secret instanceof RSAPrivateCrtKey key && expected instanceof RSAPublicKey rsa) {
            return key.getModulus().equals(rsa.getModulus())
                    && key.getPublicExponent().equals(rsa.getPublicExponent());
        }
        if (secret instanceof ECPrivateKey key && expected instanceof ECPublicKey point) {
            ECParameterSpec curve = key.getParams();
            KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
            agreement.init(secret);
            agreement.doPhase(
                    KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(curve.getGenerator(), curve)),
                    true);
            return new BigInteger(1, agreement.generateSecret())
                    .equals(point.getW().getAffineX());
        }
        byte[] probe = {1, 2, 3};
        Signature signature = Signature.getInstance(secret.getAlgorithm());
        signature.initSign(secret);
        signature.update(probe);
        byte[] signed = signature.sign();
        signature.initVerify(expected);
        signature.update(probe);
        return signature.verify(signed);
    }
}
