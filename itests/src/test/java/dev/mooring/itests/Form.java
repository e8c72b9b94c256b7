package dev.mooring.itests;

/** Number of repetitions of load and race tests: few in the ordinary suite, many with {@code -Dmooring.long}. */
final class Form {

    static final boolean LONG = Boolean.getBoolean("mooring.long");

    private Form() {}

    static int choose(int ordinary, int inTheLongForm) {
        return LONG ? inTheLongForm : ordinary;
    }
}
