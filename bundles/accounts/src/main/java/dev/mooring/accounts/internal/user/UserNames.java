package dev.mooring.accounts.internal.user;

/** Validates user names. A name must not look like a path, an option or a second field. */
public final class UserNames {

    private UserNames() {}

    public static boolean isValid(String name) {
        return !name.isEmpty()
                && name.length() <= 255
                && ".-#".indexOf(name.charAt(0)) < 0
                && name.codePoints().allMatch(c -> isVisible(c) && c != ':' && c != '/' && !Character.isWhitespace(c));
    }

    private static boolean isVisible(int c) {
        return c != '\uFFFD'
                && switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR -> false;
                    default -> true;
                };
    }
}
