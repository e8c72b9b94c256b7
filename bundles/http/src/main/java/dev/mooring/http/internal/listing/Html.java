package dev.mooring.http.internal.listing;

/** Escapes text for HTML. */
final class Html {

    private Html() {}

    /** Appends text for an element or a quoted attribute. Makes invisible characters visible. */
    static void appendText(StringBuilder out, String text) {
        for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
            c = text.codePointAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.appendCodePoint(visible(c));
            }
        }
    }

    private static int visible(int c) {
        if (c < ' ') {
            return 0x2400 + c; // Control Pictures: ␊ for a newline
        }
        if (c == 0x7F) {
            return 0x2421;
        }
        boolean breaksLines = c == 0x2028 || c == 0x2029;
        boolean changesDirection = c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069;
        // An unpaired surrogate is not a character and has no encoding in UTF-8.
        boolean invisible = Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE;
        return invisible || breaksLines || changesDirection ? 0xFFFD : c;
    }
}
