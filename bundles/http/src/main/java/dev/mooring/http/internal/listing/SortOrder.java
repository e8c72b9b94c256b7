package dev.mooring.http.internal.listing;

import dev.mooring.share.Entry;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The order of a listing. Directories always come first; equal entries are ordered by name. */
record SortOrder(Column column, boolean descending) {

    /** The column to order by. */
    enum Column {
        NAME,
        SIZE,
        TIME;

        private final String parameter = name().toLowerCase(Locale.ROOT);

        /** The value of the query parameter {@code sort}. */
        String parameter() {
            return parameter;
        }
    }

    private static final Comparator<Entry> BY_NAME = (a, b) -> compareNames(a.name(), b.name());

    /**
     * Parses the query parameters {@code sort} and {@code order}. Missing or unknown values mean by name and ascending.
     *
     * @param sort {@code name}, {@code size} or {@code time}
     * @param order {@code asc} or {@code desc}
     * @return the order
     */
    static SortOrder of(@Nullable String sort, @Nullable String order) {
        for (Column column : Column.values()) {
            if (column.parameter.equals(sort)) {
                return new SortOrder(column, "desc".equals(order));
            }
        }
        return new SortOrder(Column.NAME, "desc".equals(order) && sort == null);
    }

    /** The order that the head of a column selects: the reverse for the current column, otherwise the most useful direction. */
    SortOrder toggled(Column selected) {
        return new SortOrder(selected, selected == column ? !descending : selected != Column.NAME);
    }

    /** The value of the query parameter {@code order}. */
    String direction() {
        return descending ? "desc" : "asc";
    }

    List<Entry> sorted(List<Entry> entries) {
        return entries.stream().sorted(comparator()).toList();
    }

    private Comparator<Entry> comparator() {
        Comparator<Entry> byColumn =
                switch (column) {
                    case NAME -> BY_NAME;
                    case SIZE -> Comparator.comparingLong(Entry::size);
                    case TIME -> Comparator.comparing(Entry::modified);
                };
        return Comparator.comparing((Entry entry) -> !entry.isDirectory())
                .thenComparing(descending ? byColumn.reversed() : byColumn)
                .thenComparing(BY_NAME);
    }

    /**
     * Compares names in natural order: {@code a2} before {@code a10}, {@code b} after {@code A}. If names differ only in case or in leading zeros,
     * their characters decide, so that only equal names compare as 0.
     */
    static int compareNames(String a, String b) {
        int i = 0;
        int j = 0;
        while (i < a.length() && j < b.length()) {
            int difference;
            if (isDigit(a.charAt(i)) && isDigit(b.charAt(j))) {
                int startA = skipZeros(a, i);
                int startB = skipZeros(b, j);
                i = skipDigits(a, startA);
                j = skipDigits(b, startB);
                difference = Integer.compare(i - startA, j - startB);
                for (int k = 0; difference == 0 && k < i - startA; k++) {
                    difference = a.charAt(startA + k) - b.charAt(startB + k);
                }
            } else {
                difference = fold(a.charAt(i++)) - fold(b.charAt(j++));
            }
            if (difference != 0) {
                return difference;
            }
        }
        int rest = Integer.compare(a.length() - i, b.length() - j);
        return rest != 0 ? rest : a.compareTo(b);
    }

    private static int skipZeros(String name, int from) {
        int i = from;
        while (i < name.length() && name.charAt(i) == '0') {
            i++;
        }
        return i;
    }

    private static int skipDigits(String name, int from) {
        int i = from;
        while (i < name.length() && isDigit(name.charAt(i))) {
            i++;
        }
        return i;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static int fold(char c) {
        return Character.toLowerCase(Character.toUpperCase(c));
    }
}
