package dev.mooring.http.internal.listing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mooring.http.internal.listing.SortOrder.Column;
import dev.mooring.share.Entry;
import dev.mooring.share.SharePath;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SortOrderTest {

    private static final List<Entry> ENTRIES = List.of(
            file("b.txt", 300, 10),
            directory("Zoo", 50),
            file("A10.txt", 100, 30),
            directory("alps", 70),
            file("a9.txt", 300, 20));

    @Test
    void namesAscend() {
        assertOrder("name", "asc", "alps Zoo a9.txt A10.txt b.txt");
    }

    @Test
    void namesDescendAndFoldersStayFirst() {
        assertOrder("name", "desc", "Zoo alps b.txt A10.txt a9.txt");
    }

    @Test
    void sizesAscendAndEqualSizesAreOrderedByName() {
        assertOrder("size", "asc", "alps Zoo A10.txt a9.txt b.txt");
    }

    @Test
    void sizesDescendAndEqualSizesAreStillOrderedByName() {
        assertOrder("size", "desc", "alps Zoo a9.txt b.txt A10.txt");
    }

    @Test
    void timesAscend() {
        assertOrder("time", "asc", "Zoo alps b.txt a9.txt A10.txt");
    }

    @Test
    void timesDescend() {
        assertOrder("time", "desc", "alps Zoo A10.txt a9.txt b.txt");
    }

    @Test
    void missingOrUnknownParametersMeanNameAndAscending() {
        SortOrder byName = new SortOrder(Column.NAME, false);
        assertEquals(byName, SortOrder.of(null, null));
        assertEquals(byName, SortOrder.of("colour", "desc"));
        assertEquals(byName, SortOrder.of("NAME", "DESC"));
        assertEquals(new SortOrder(Column.NAME, true), SortOrder.of(null, "desc"));
        assertEquals(new SortOrder(Column.SIZE, false), SortOrder.of("size", "sideways"));
    }

    @Test
    void theParametersOfAnOrderReadBackAsThatOrder() {
        for (SortOrder order : List.of(new SortOrder(Column.TIME, true), new SortOrder(Column.NAME, false))) {
            assertEquals(order, SortOrder.of(order.column().parameter(), order.direction()));
        }
    }

    @Test
    void aHeadReversesItsOwnColumnAndStartsAnotherInItsUsualDirection() {
        SortOrder byName = new SortOrder(Column.NAME, false);
        assertEquals(new SortOrder(Column.NAME, true), byName.toggled(Column.NAME));
        assertEquals(new SortOrder(Column.SIZE, true), byName.toggled(Column.SIZE));
        assertEquals(new SortOrder(Column.TIME, true), byName.toggled(Column.TIME));
        assertEquals(
                new SortOrder(Column.SIZE, false), byName.toggled(Column.SIZE).toggled(Column.SIZE));
    }

    @Test
    void numbersInNamesAreComparedByValue() {
        List<String> names = List.of("a", "a01", "a1", "a1b", "a2", "A10", "a10x", "a99999999999999999999", "b");
        List<String> shuffled = new ArrayList<>(names);
        Collections.shuffle(shuffled, new Random(1));
        shuffled.sort(SortOrder::compareNames);
        assertEquals(List.of("a", "a01", "a1", "a1b", "a2", "A10", "a10x", "a99999999999999999999", "b"), shuffled);
    }

    @Test
    void namesThatDifferAreNeverEqualAndTheOrderIsTotal() {
        Random random = new Random(7);
        List<String> names =
                new ArrayList<>(List.of("é", "É", "ß", "SS", "İ", "i", "I", "ı", "\uD800", "𝒳", "0", "00"));
        for (int i = 0; i < 60; i++) {
            StringBuilder name = new StringBuilder();
            for (int length = 1 + random.nextInt(4); length > 0; length--) {
                name.append("aAbB019-".charAt(random.nextInt(8)));
            }
            names.add(name.toString());
        }
        for (String a : names) {
            for (String b : names) {
                int ab = Integer.signum(SortOrder.compareNames(a, b));
                assertEquals(a.equals(b), ab == 0, a + " " + b);
                assertEquals(-ab, Integer.signum(SortOrder.compareNames(b, a)), a + " " + b);
                for (String c : names) {
                    if (ab < 0 && SortOrder.compareNames(b, c) < 0) {
                        assertTrue(SortOrder.compareNames(a, c) < 0, a + " " + b + " " + c);
                    }
                }
            }
        }
    }

    private static void assertOrder(String sort, String order, String expected) {
        List<String> names = SortOrder.of(sort, order).sorted(ENTRIES).stream()
                .map(Entry::name)
                .toList();
        assertEquals(expected, String.join(" ", names));
    }

    private static Entry file(String name, long size, long seconds) {
        return new Entry(path(name), Entry.Kind.FILE, size, FileTime.fromMillis(seconds * 1000), null);
    }

    private static Entry directory(String name, long seconds) {
        return new Entry(path(name), Entry.Kind.DIRECTORY, 0, FileTime.fromMillis(seconds * 1000), null);
    }

    private static SharePath path(String name) {
        return SharePath.ROOT.resolve(name);
    }
}
