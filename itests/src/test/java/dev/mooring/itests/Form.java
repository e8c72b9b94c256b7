package dev.mooring.itests;

/** How much the tests do whose worth is in the number: little in the ordinary suite, all of it with {@code -Dmooring.long}. */
final class Form {

    static final boolean LONG = Boolean.getBoolean("mooring.long");

    private Form() {}

    static int choose(int ordinary, int inTheLongForm) {
        return LONG ? inTheLongForm : ordinary;
    }
}
