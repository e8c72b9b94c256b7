package dev.mooring.share.internal;

import dev.mooring.common.Configuration;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.Share;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Makes the share of a configuration. */
public final class ShareConfiguration {

    /** The keys of {@code dev.mooring.share~NAME}. */
    @ObjectClassDefinition(name = "Mooring share", description = "A tree of files to serve")
    public @interface Keys {

        /**
         * The directory to serve.
         *
         * @return a path, or the URI of an installed file system provider
         */
        @AttributeDefinition(description = "Directory to serve: a path, or a URI such as jar:file:///srv/site.zip")
        String root() default "";

        /**
         * The key {@code read.only}.
         *
         * @return whether clients may only read
         */
        @AttributeDefinition(description = "Whether clients may only read", required = false)
        boolean read_only() default true;

        /**
         * The hidden names.
         *
         * @return globs, or comma-separated lists of them
         */
        @AttributeDefinition(
                description =
                        "Globs, separated by commas: files and directories with such names are treated as missing",
                required = false)
        String[] hidden() default {};

        /**
         * The name of the share.
         *
         * @return the name; empty to use the PID
         */
        @AttributeDefinition(description = "Name of the share; default: the part of the PID after ~", required = false)
        String name() default "";
    }

    private static final Logger LOG = System.getLogger(Share.PID);
    private static final AtomicBoolean WARNED_OF_ENCODING = new AtomicBoolean();

    private ShareConfiguration() {}

    /** Makes the share; {@code null} after a log message if the configuration is invalid. */
    public static @Nullable OwnedShare open(Map<String, ?> properties) {
        Configuration configuration = new Configuration(Keys.class, properties);
        configuration.warnOfUnknown(LOG);
        warnOfEncoding();
        OwnedShare share;
        try {
            share = new ConfinedShare(
                    configuration.name(Share.PID, "the share has"),
                    configuration.text("root"),
                    configuration.flag("read.only"),
                    globs(configuration.list("hidden")));
        } catch (IllegalArgumentException e) {
            LOG.log(Level.ERROR, configuration.pid() + " is not used: " + e.getMessage());
            return null;
        }
        try {
            share.entry(SharePath.ROOT);
            if (!share.readOnly() && !isWritable(configuration.text("root"))) {
                LOG.log(
                        Level.WARNING,
                        "Share ''{0}'': read.only = false, but user {1} cannot write to {2}; let this user write there, and under a"
                                + " unit set ReadWritePaths={2} in a drop-in",
                        share.name(),
                        System.getProperty("user.name"),
                        configuration.text("root"));
            }
        } catch (IOException e) {
            // The share has logged it.
        }
        return share;
    }

    /** Does not look at URIs. */
    private static boolean isWritable(String root) {
        try {
            return !root.startsWith("/") || Files.isWritable(Path.of(root));
        } catch (InvalidPathException e) {
            return true;
        }
    }

    /** Splits lists at commas, because a list in a properties file is one string. A comma in braces belongs to its glob. */
    static List<String> globs(List<String> hidden) {
        List<String> globs = new ArrayList<>();
        for (String list : hidden) {
            int begin = 0;
            int braces = 0;
            for (int i = 0; i <= list.length(); i++) {
                char c = i == list.length() ? ',' : list.charAt(i);
                braces += c == '{' ? 1 : c == '}' && braces > 0 ? -1 : 0;
                if (i == list.length() || c == ',' && braces == 0) {
                    globs.add(list.substring(begin, i).strip());
                    begin = i + 1;
                }
            }
        }
        globs.removeIf(String::isEmpty);
        return globs;
    }

    private static void warnOfEncoding() {
        String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
        if (!encoding.equals("UTF-8") && WARNED_OF_ENCODING.compareAndSet(false, true)) {
            LOG.log(
                    Level.WARNING,
                    "File names are decoded as " + encoding
                            + "; names with other characters are not served; start java with LC_ALL=C.UTF-8");
        }
    }
}
