package dev.mooring.sftp.internal.files;

/** A mode as ls(1) shows it, such as {@code drwxrwsr-t}. */
final class ModeText {

    static final int LENGTH = 10;

    /** Indexed by the four bits of the type, see inode(7). */
    private static final String TYPES = "?pc?d?b?-?l?s???";

    private static final int SET_USER_ID = 04000;
    private static final int SET_GROUP_ID = 02000;
    private static final int STICKY = 01000;

    private ModeText() {}

    static String of(int mode) {
        StringBuilder text = new StringBuilder(LENGTH).append(TYPES.charAt(mode >> 12 & 15));
        for (int bit = 0400; bit != 0; bit >>= 1) {
            text.append((mode & bit) != 0 ? "xwr".charAt(Integer.numberOfTrailingZeros(bit) % 3) : '-');
        }
        special(text, 3, (mode & SET_USER_ID) != 0, 's');
        special(text, 6, (mode & SET_GROUP_ID) != 0, 's');
        special(text, 9, (mode & STICKY) != 0, 't');
        return text.toString();
    }

    private static void special(StringBuilder text, int place, boolean set, char letter) {
        if (set) {
            text.setCharAt(place, text.charAt(place) == 'x' ? letter : Character.toUpperCase(letter));
        }
    }
}
