package dev.mooring.sftp.internal.crypto;

import java.util.List;
import java.util.stream.Stream;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.cipher.Cipher;
import org.apache.sshd.common.compression.BuiltinCompressions;
import org.apache.sshd.common.compression.Compression;
import org.apache.sshd.common.kex.AbstractDH;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.kex.DHFactory;
import org.apache.sshd.common.kex.KeyExchangeFactory;
import org.apache.sshd.common.mac.BuiltinMacs;
import org.apache.sshd.common.mac.Mac;
import org.apache.sshd.common.signature.BuiltinSignatures;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.server.ServerBuilder;

/**
 * The algorithms that the server offers. None uses SHA-1, CBC or a group of less than 2048 bits, and every OpenSSH since 6.5 (2014) has
 * some of each kind. In SSH the order of the client decides (RFC 4253 section 7.1).
 */
public final class Algorithms {

    /** Resists quantum computers. The JDK has ML-KEM since 24. */
    private static final DHFactory ML_KEM_768_X25519 = new DHFactory() {
        @Override
        public String getName() {
            return "mlkem768x25519-sha256";
        }

        @Override
        public boolean isSupported() {
            return Runtime.version().feature() >= 24;
        }

        @Override
        public boolean isGroupExchange() {
            return false;
        }

        @Override
        public AbstractDH create(Object... parameters) throws Exception {
            return MlKem.withX25519();
        }
    };

    private Algorithms() {}

    public static List<KeyExchangeFactory> keyExchanges() {
        return NamedFactory.setUpTransformedFactories(
                true,
                List.<DHFactory>of(
                        ML_KEM_768_X25519,
                        BuiltinDHFactories.curve25519,
                        BuiltinDHFactories.curve25519_libssh,
                        BuiltinDHFactories.ecdhp256,
                        BuiltinDHFactories.ecdhp384,
                        BuiltinDHFactories.ecdhp521,
                        BuiltinDHFactories.dhg16_512,
                        BuiltinDHFactories.dhg14_256),
                ServerBuilder.DH2KEX);
    }

    public static List<NamedFactory<Cipher>> ciphers() {
        return List.of(
                BuiltinCiphers.aes128gcm,
                BuiltinCiphers.aes256gcm,
                BuiltinCiphers.cc20p1305_openssh,
                BuiltinCiphers.aes128ctr,
                BuiltinCiphers.aes192ctr,
                BuiltinCiphers.aes256ctr);
    }

    /**
     * The fastest ciphers, if the client has them.
     *
     * @param proposals the ciphers that the client proposes for each direction, names separated by commas
     * @return the fastest ciphers that are in all proposals; empty if there are none
     */
    public static List<NamedFactory<Cipher>> preferred(String... proposals) {
        return Stream.of(BuiltinCiphers.aes128gcm, BuiltinCiphers.aes256gcm)
                .filter(cipher -> Stream.of(proposals)
                        .allMatch(names -> List.of(names.split(",")).contains(cipher.getName())))
                .<NamedFactory<Cipher>>map(cipher -> cipher)
                .toList();
    }

    public static List<NamedFactory<Mac>> macs() {
        return List.of(
                BuiltinMacs.hmacsha256etm, BuiltinMacs.hmacsha512etm, BuiltinMacs.hmacsha256, BuiltinMacs.hmacsha512);
    }

    public static List<NamedFactory<Compression>> compressions() {
        return List.of(BuiltinCompressions.none, BuiltinCompressions.delayedZlib);
    }

    /** For host keys and for public keys of users. */
    public static List<NamedFactory<Signature>> signatures() {
        return List.of(
                BuiltinSignatures.ed25519,
                BuiltinSignatures.nistp256,
                BuiltinSignatures.nistp384,
                BuiltinSignatures.nistp521,
                BuiltinSignatures.sk_ssh_ed25519,
                BuiltinSignatures.sk_ecdsa_sha2_nistp256,
                BuiltinSignatures.rsaSHA512,
                BuiltinSignatures.rsaSHA256);
    }
}
