package dev.mooring.share.internal.account;

/** What may be called a user: nothing that could be a path, an option or a second field. */
final class UserNames {

    private static final int LOGGED = 64;

    private UserNames() {}

    static boolean isValid(String name) {
        return !name.isEmpty()
                && name.length() <= 255
                && ".-#".indexOf(name.charAt(0)) < 0
                && name.codePoints().allMatch(c -> isVisible(c) && c != ':' && c != '/' && !Character.isWhitespace(c));
    }

    /** A name that somebody made up, so that it cannot end the line or its quotation, or fill the log. */
    static String forLog(String name) {
        StringBuilder text = new StringBuilder();
        name.codePoints()
                .limit(LOGGED)
                .map(c -> isVisible(c) && c != '"' ? c : '?')
                .forEach(text::appendCodePoint);
        return text.toString();
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
