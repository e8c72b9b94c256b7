package dev.mooring.ftp.internal.files;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** An algorithm of the HASH command (draft-bryan-ftpext-hash). */
public enum HashAlgorithm {
    SHA_256("SHA-256"),
    SHA_512("SHA-512"),
    SHA_1("SHA-1"),
    MD5("MD5"),
    CRC32("CRC32");

    private final String name;

    HashAlgorithm(String name) {
        this.name = name;
    }

    /** The name in commands and replies, which is also the name in the JDK. */
    @Override
    public String toString() {
        return name;
    }

    /** The algorithm with a name, which is in upper case. */
    public static Optional<HashAlgorithm> named(String name) {
        return Arrays.stream(values())
                .filter(algorithm -> algorithm.name.equals(name))
                .findFirst();
    }

    /** The names of all algorithms, separated by commas. */
    public static String names() {
        return Arrays.stream(values()).map(HashAlgorithm::toString).collect(Collectors.joining(", "));
    }

    /** All algorithms for FEAT; a star marks the selected one. */
    public static String feature(HashAlgorithm selected) {
        return Arrays.stream(values())
                .map(algorithm -> algorithm == selected ? algorithm + "*" : algorithm.name)
                .collect(Collectors.joining(";"));
    }
}
