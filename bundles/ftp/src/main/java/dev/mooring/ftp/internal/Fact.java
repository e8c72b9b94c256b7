package dev.mooring.ftp.internal;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What MLST and MLSD tell of a file (RFC 3659 section 7.5). */
enum Fact {
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

    /** Those of a list of names, each ended by a semicolon; names of others are passed over. */
    static Set<Fact> named(String names) {
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

    /** For FEAT: every fact, those that are told with a star. */
    static String feature(Set<Fact> told) {
        return EnumSet.allOf(Fact.class).stream()
                .map(fact -> fact + (told.contains(fact) ? "*;" : ";"))
                .collect(Collectors.joining());
    }
}
