package dev.mooring.ftp.internal.files;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** A fact about a file in the replies to MLST and MLSD (RFC 3659 section 7.5). */
public enum Fact {
    TYPE("type"),
    SIZE("size"),
    MODIFY("modify"),
    PERM("perm"),
    UNIQUE("unique"),
    MODE("UNIX.mode");

    private final String name;

    Fact(String name) {
        this.name = name;
    }

    @Override
    public String toString() {
        return name;
    }

    /** The facts of a list of names, each ended by a semicolon. Ignores unknown names. */
    public static Set<Fact> named(String names) {
        Set<Fact> facts = EnumSet.noneOf(Fact.class);
        for (String each : names.split(";")) {
            for (Fact fact : values()) {
                if (fact.name.toLowerCase(Locale.ROOT).equals(each.strip().toLowerCase(Locale.ROOT))) {
                    facts.add(fact);
                }
            }
        }
        return facts;
    }

    /** All facts for FEAT; a star marks those that the client gets. */
    public static String feature(Set<Fact> enabled) {
        return EnumSet.allOf(Fact.class).stream()
                .map(fact -> fact + (enabled.contains(fact) ? "*;" : ";"))
                .collect(Collectors.joining());
    }
}
