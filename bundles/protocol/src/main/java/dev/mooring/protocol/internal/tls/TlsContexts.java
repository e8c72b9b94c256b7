package dev.mooring.protocol.internal.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Makes TLS contexts. */
public final class TlsContexts {

    /** Without any, the JDK would read all authorities that it knows, at each start. */
    private static final TrustManager[] NO_CLIENTS = {};

    private TlsContexts() {}

    /**
     * Reads the key of a server.
     *
     * @param chain its certificate, followed by those of the authorities
     * @param key the file of the certificate's key
     * @param setting the configuration key that names this file
     * @param certificate the file of the certificate, for messages
     * @return the certificate and the key, for {@link #of}
     * @throws IOException if the certificate or the key cannot be used; the message has the remedy
     */
    public static X509ExtendedKeyManager keys(X509Certificate[] chain, Path key, String setting, Path certificate)
            throws IOException {
        try {
            PrivateKey secret = PemFiles.key(key, setting, chain[0], certificate);
            char[] password = new char[0];
            // It is in memory only. PKCS12 would encrypt and decrypt the key, which takes 100 ms of a start.
            KeyStore store = KeyStore.getInstance("JKS");
            store.load(null, password);
            store.setKeyEntry("server", secret, password, chain);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, password);
            return (X509ExtendedKeyManager) keys.getKeyManagers()[0];
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("the certificate " + certificate + " cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * Makes the context of a server.
     *
     * @param keys its certificate and key
     * @param clients the authorities that sign the certificates of clients; {@code null} to request none
     * @return a new context
     * @throws IOException if the authorities cannot be used
     */
    public static SSLContext of(X509ExtendedKeyManager keys, X509Certificate @Nullable [] clients) throws IOException {
        try {
            SSLContext made = SSLContext.getInstance("TLS");
            made.init(new KeyManager[] {keys}, clients == null ? NO_CLIENTS : trusting(clients), new SecureRandom());
            return made;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS cannot be used: " + e.getMessage(), e);
        }
    }

    private static TrustManager[] trusting(X509Certificate[] authorities) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (X509Certificate authority : authorities) {
            store.setCertificateEntry(String.valueOf(store.size()), authority);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust.getTrustManagers();
    }
}
