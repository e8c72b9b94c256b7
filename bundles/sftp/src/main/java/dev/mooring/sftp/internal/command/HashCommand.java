package dev.mooring.sftp.internal.command;

import dev.mooring.sftp.internal.files.ClientPath;
import dev.mooring.sftp.internal.session.Accounting;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.sshd.common.util.threads.CloseableExecutorService;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.AbstractFileSystemCommand;

/**
 * {@code md5sum}, {@code sha1sum} and so on, as in coreutils, for clients such as rclone that verify transfers with them. Without a path,
 * or for {@code -}, it hashes its input: rclone tests with that whether a command exists.
 */
public final class HashCommand extends AbstractFileSystemCommand {

    private static final Map<String, String> ALGORITHMS = Map.of(
            "md5sum", "MD5",
            "sha1sum", "SHA-1",
            "sha224sum", "SHA-224",
            "sha256sum", "SHA-256",
            "sha384sum", "SHA-384",
            "sha512sum", "SHA-512");

    private static final int BUFFER_SIZE = 128 * 1024;

    private final String algorithm;
    private final List<String> words;
    private final String home;
    private final Accounting accounting;

    /** Whether the channel has closed. Set by the thread that closes it, read by the thread of the command. */
    private volatile boolean destroyed;

    HashCommand(
            String algorithm,
            List<String> words,
            String home,
            CloseableExecutorService executor,
            Accounting accounting) {
        super(words.get(0), executor);
        this.algorithm = algorithm;
        this.words = words;
        this.home = home;
        this.accounting = accounting;
    }

    /** The algorithm of a command; empty if it is not one of these. */
    static Optional<String> algorithm(String program) {
        return Optional.ofNullable(ALGORITHMS.get(program));
    }

    @Override
    public void run() {
        int status = 0;
        accounting.started(getServerSession());
        try {
            List<String> names = names(words.subList(1, words.size()));
            for (String name : names.isEmpty() ? List.of("-") : names) {
                status |= hash(name);
            }
            getOutputStream().flush();
        } catch (IOException disconnected) {
            status = 1;
        } finally {
            accounting.finished(getServerSession());
        }
        onExit(status);
    }

    @Override
    public void destroy(ChannelSession channel) throws Exception {
        destroyed = true;
        super.destroy(channel);
    }

    /** The arguments without the options {@code -b} and {@code -t}. After {@code --} all are names. */
    static List<String> names(List<String> arguments) {
        int end = arguments.indexOf("--");
        List<String> names = new ArrayList<>(arguments.subList(0, end < 0 ? arguments.size() : end));
        names.removeAll(List.of("-b", "-t"));
        if (end >= 0) {
            names.addAll(arguments.subList(end + 1, arguments.size()));
        }
        return names;
    }

    private int hash(String name) throws IOException {
        String hash;
        try (InputStream in = open(name)) {
            hash = HexFormat.of().formatHex(digest(in));
        } catch (IOException | InvalidPathException e) {
            print(getErrorStream(), getCommand() + ": " + name + ": " + problem(e) + "\n");
            return 1;
        }
        // As coreutils: a name with a line break is escaped, and a backslash before the hash marks that.
        String escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
        print(getOutputStream(), (escaped.equals(name) ? "" : "\\") + hash + "  " + escaped + "\n");
        return 0;
    }

    private InputStream open(String name) throws IOException {
        if (name.equals("-")) {
            return getInputStream();
        }
        FileSystem files = getFileSystem();
        Path path = ClientPath.resolve(files.getPath(home), name);
        if (Files.isDirectory(path)) {
            throw new FileSystemException(name, null, "Is a directory");
        }
        return Files.newInputStream(path);
    }

    private byte[] digest(InputStream in) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            byte[] buffer = new byte[BUFFER_SIZE];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (destroyed) {
                    throw new EOFException("The client has disconnected"); // a large file could take hours
                }
                digest.update(buffer, 0, n);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IOException(algorithm + " is not available in this JDK", e);
        }
    }

    private static String problem(Exception e) {
        if (e instanceof NoSuchFileException) {
            return "No such file or directory";
        }
        if (e instanceof AccessDeniedException) {
            return "Permission denied";
        }
        return e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : "Cannot be read";
    }

    private static void print(OutputStream to, String text) throws IOException {
        to.write(text.getBytes(StandardCharsets.UTF_8));
        to.flush();
    }
}
