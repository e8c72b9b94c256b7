package dev.mooring.sftp.internal.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The uploads of a channel that others do not see yet. Only the thread that runs the requests of the channel uses this. */
final class HiddenUploads {

    private final List<OpenHandle> hidden = new ArrayList<>();

    /** The hidden upload at a path, which only this channel sees there; {@code null} if there is none. */
    @Nullable
    OpenHandle of(Path file) {
        if (!hidden.isEmpty()) {
            Path plain = file.toAbsolutePath().normalize();
            for (OpenHandle each : hidden) {
                if (plain.equals(each.name())) {
                    return each;
                }
            }
        }
        return null;
    }

    /** Adds or removes an upload, depending on whether it is hidden now. */
    void update(OpenHandle file) {
        hidden.remove(file);
        if (file.isHidden()) {
            hidden.add(file);
        }
    }

    void remove(OpenHandle file) {
        hidden.remove(file);
    }

    /** Makes an upload to this path visible to others. */
    void expose(Path file) throws IOException {
        OpenHandle upload = of(file);
        if (upload != null) {
            upload.expose();
            hidden.remove(upload);
        }
    }

    /** Whether the next request may have to copy a large part of an upload back to the old file. */
    boolean mayCopyBack() {
        for (OpenHandle each : hidden) {
            if (each.mayCopyBack()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Discards all uploads.
     *
     * @param failed receives the uploads that could not be removed, with the reason
     */
    void discard(BiConsumer<OpenHandle, IOException> failed) {
        for (OpenHandle each : hidden) {
            try {
                each.close();
            } catch (IOException e) {
                failed.accept(each, e);
            }
        }
        hidden.clear();
    }
}
