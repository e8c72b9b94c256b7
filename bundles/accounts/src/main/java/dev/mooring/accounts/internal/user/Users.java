package dev.mooring.accounts.internal.user;

import dev.mooring.accounts.Account;
import dev.mooring.share.SharePath;
import java.nio.file.InvalidPathException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The settings of single users and, in the line {@code *}, of all others, from the {@code users} file. */
public final class Users {

    /** The settings of a line; {@code null} for missing ones. */
    private record Settings(
            @Nullable String share,
            @Nullable String home,
            @Nullable Boolean readOnly) {

        static final Settings NONE = new Settings(null, null, null);

        Settings orElse(Settings others) {
            return new Settings(
                    share != null ? share : others.share,
                    home != null ? home : others.home,
                    readOnly != null ? readOnly : others.readOnly);
        }
    }

    private static final String EVERYBODY = "*";
    private static final String USER = "%u";
    private static final Pattern SETTING = Pattern.compile("\\s+([a-z.]+)=(?:\"([^\"]*)\"|([^\\s\"]+))");

    /** For an unreadable file: all logins are refused, because their rights are unknown. */
    public static final Users UNREADABLE = new Users(null);

    /** Without a file: all users have the settings of the configuration. */
    public static final Users SAME_FOR_ALL = new Users(Map.of());

    private final @Nullable Map<String, @Nullable Settings> settings;

    private Users(@Nullable Map<String, @Nullable Settings> settings) {
        this.settings = settings;
    }

    public static Users parse(List<WatchedFile.Line> lines) {
        Map<String, @Nullable Settings> all = new HashMap<>();
        for (WatchedFile.Line line : lines) {
            String name = line.text().split("\\s", 2)[0];
            if (!name.equals(EVERYBODY) && !UserNames.isValid(name)) {
                line.warn("is ignored: it does not begin with a user name");
            } else if (all.containsKey(name)) {
                line.warn("is ignored: the same user has an earlier line");
            } else {
                all.put(name, settings(line, name.length()));
            }
        }
        return new Users(all);
    }

    /** The settings of a line; {@code null} if it is invalid. */
    private static @Nullable Settings settings(WatchedFile.Line line, int start) {
        String share = null;
        String home = null;
        Boolean readOnly = null;
        Matcher setting = SETTING.matcher(line.text());
        int end = start;
        while (setting.find(end) && setting.start() == end) {
            String value = setting.group(2) != null ? setting.group(2) : setting.group(3);
            switch (setting.group(1)) {
                case "share" -> share = value;
                case "home" -> home = value;
                case "read.only" -> {
                    if (!value.equals("true") && !value.equals("false")) {
                        return invalid(line, "read.only is neither true nor false");
                    }
                    readOnly = Boolean.valueOf(value);
                }
                default -> {
                    return invalid(line, "the settings are share, home and read.only");
                }
            }
            end = setting.end();
        }
        if (end < line.text().length()) {
            return invalid(line, "a setting is share=NAME, home=/PATH or read.only=true, with \" around blanks");
        }
        if (share != null && share.isBlank()) {
            return invalid(line, "share has no name");
        }
        if (home != null && !isPath(home)) {
            return invalid(line, "home is not a path in a share");
        }
        return new Settings(share, home, readOnly);
    }

    /** Logs why a line is invalid. Its user cannot log in; an invalid line {@code *} excludes everybody. */
    private static @Nullable Settings invalid(WatchedFile.Line line, String why) {
        line.warn("is invalid, so its users cannot log in: " + why);
        return null;
    }

    public static boolean isPath(String home) {
        try {
            SharePath.of(home);
            return true;
        } catch (InvalidPathException e) {
            return false;
        }
    }

    public boolean contains(String user) {
        return settings != null && !user.equals(EVERYBODY) && settings.containsKey(user);
    }

    /** The account of a user; {@code null} if its rights are unknown, because the file or the line is invalid. */
    @Nullable
    public Account account(String user, @Nullable String share, String home, boolean readOnly) {
        if (settings == null) {
            return null;
        }
        Settings everybody = settings.getOrDefault(EVERYBODY, Settings.NONE);
        Settings own = settings.getOrDefault(user, Settings.NONE);
        if (everybody == null || own == null) {
            return null;
        }
        Settings all = own.orElse(everybody).orElse(new Settings(share, home, readOnly));
        return new Account(
                user,
                all.share,
                SharePath.of(String.valueOf(all.home).replace(USER, user)),
                !Boolean.FALSE.equals(all.readOnly));
    }
}
