package dev.mooring.runtime;

import org.jspecify.annotations.Nullable;

/**
 * A server of a training.
 *
 * @param protocol {@code http}, {@code sftp} or {@code ftp}
 * @param name the name of its socket
 * @param port the port of its socket
 * @param algorithm the algorithm of its certificate's key, {@code RSA} or {@code EC}; {@code null} without TLS
 */
record TrainingServer(
        String protocol, String name, int port, @Nullable String algorithm) {

    boolean secure() {
        return algorithm != null;
    }

    /** The reverse of {@link #argument()}. */
    static TrainingServer parse(String argument) {
        String[] parts = argument.split(":");
        return new TrainingServer(parts[0], parts[1], Integer.parseInt(parts[2]), parts.length > 3 ? parts[3] : null);
    }

    /** The same as an argument of a command. */
    String argument() {
        return protocol + ":" + name + ":" + port + (secure() ? ":" + algorithm : "");
    }
}
