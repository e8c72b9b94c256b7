package dev.mooring.ftp.internal.files;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.PrimitiveIterator;

/**
 * A pattern for names: {@code *}, {@code ?}, <code>[a-z]</code>, <code>[!a-z]</code> and <code>{a,b}</code>, which does not nest. An unmatched
 * bracket or brace stands for itself.
 *
 * <p>Matching follows all paths through the pattern at once. So it takes at most the length of the pattern times the length of the name, even for a
 * hostile pattern. Immutable.
 */
final class Glob {

    /** The length of the longest file name. */
    private static final int MAX_LENGTH = 255;

    private enum Kind {
        CHARACTER,
        ANY,
        STAR,
        SET,
        /** An opening brace: matching continues after it and after each comma of its braces. */
        FORK,
        /** A comma in braces or a closing brace: matching continues after the braces. */
        JOIN
    }

    private final int[] pattern;
    private final Kind[] kinds;

    /** For the position of a bracket, brace or comma, the position of the closing bracket or brace. */
    private final int[] ends;

    private Glob(int[] pattern) {
        this.pattern = pattern;
        kinds = new Kind[pattern.length];
        ends = new int[pattern.length];
        Arrays.fill(kinds, Kind.CHARACTER);
        parse();
    }

    /** Whether a text that is not an existing name is a pattern. */
    static boolean isPattern(String text) {
        return text.chars().anyMatch(c -> "*?[{".indexOf(c) >= 0)
                && text.codePointCount(0, text.length()) <= MAX_LENGTH;
    }

    static Glob of(String pattern) {
        return new Glob(pattern.codePoints().toArray());
    }

    private void parse() {
        int open = -1;
        List<Integer> commas = new ArrayList<>();
        for (int i = 0; i < pattern.length; i++) {
            switch (pattern[i]) {
                case '*' -> kinds[i] = Kind.STAR;
                case '?' -> kinds[i] = Kind.ANY;
                case '[' -> {
                    int end = endOfSet(i);
                    if (end > 0) {
                        kinds[i] = Kind.SET;
                        ends[i] = end;
                        i = end;
                    }
                }
                case '{' -> {
                    open = i;
                    commas.clear();
                }
                case ',' -> commas.add(i);
                case '}' -> {
                    if (open >= 0) {
                        kinds[open] = Kind.FORK;
                        ends[open] = i;
                        commas.add(i);
                        for (int each : commas) {
                            kinds[each] = Kind.JOIN;
                            ends[each] = i;
                        }
                    }
                    open = -1;
                }
                default -> {}
            }
        }
    }

    private boolean isNegated(int open) {
        return open + 1 < pattern.length && (pattern[open + 1] == '!' || pattern[open + 1] == '^');
    }

    /** The position of the bracket that closes a set; 0 if there is none. The first character of a set may be a closing bracket. */
    private int endOfSet(int open) {
        for (int i = open + (isNegated(open) ? 3 : 2); i < pattern.length; i++) {
            if (pattern[i] == ']') {
                return i;
            }
        }
        return 0;
    }

    private boolean isInSet(int open, int c) {
        boolean negated = isNegated(open);
        int end = ends[open];
        for (int i = open + (negated ? 2 : 1); i < end; i++) {
            boolean range = i + 2 < end && pattern[i + 1] == '-';
            if (pattern[i] <= c && c <= pattern[range ? i + 2 : i]) {
                return !negated;
            }
            i += range ? 2 : 0;
        }
        return negated;
    }

    boolean matches(String name) {
        BitSet positions = new BitSet();
        positions.set(0);
        PrimitiveIterator.OfInt characters = name.codePoints().iterator();
        while (characters.hasNext()) {
            positions = step(positions, characters.nextInt());
            if (positions.isEmpty()) {
                return false;
            }
        }
        step(positions, -1);
        return positions.get(pattern.length);
    }

    /**
     * Advances by one character.
     *
     * @param positions the possible positions in the pattern; this method adds those that are reached without a character, which are always ahead
     * @return the possible positions after the character
     */
    private BitSet step(BitSet positions, int c) {
        BitSet next = new BitSet();
        for (int i = positions.nextSetBit(0); i >= 0 && i < pattern.length; i = positions.nextSetBit(i + 1)) {
            switch (kinds[i]) {
                case STAR -> {
                    positions.set(i + 1);
                    next.set(i);
                }
                case FORK -> {
                    positions.set(i + 1);
                    for (int j = i; j < ends[i]; j++) {
                        if (kinds[j] == Kind.JOIN) {
                            positions.set(j + 1);
                        }
                    }
                }
                case JOIN -> positions.set(ends[i] + 1);
                case ANY -> next.set(i + 1);
                case SET -> {
                    if (isInSet(i, c)) {
                        next.set(ends[i] + 1);
                    }
                }
                case CHARACTER -> {
                    if (pattern[i] == c) {
                        next.set(i + 1);
                    }
                }
            }
        }
        return next;
    }
}
