package dev.mooring.sftp.internal.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The uploads of a channel whose names others do not see yet. For the thread that carries out the requests of the channel. */
final class HiddenUploads {

    private final List<OpenHandle> hidden = new ArrayList<>();

    /** The upload that a path of the channel means, whatever others see there. */
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

    /** Takes in what is hidden by now, and lets go of what is not. */
    void update(OpenHandle file) {
        hidden.remove(file);
        if (file.isHidden()) {
            hidden.add(file);
        }
    }

    void remove(OpenHandle file) {
        hidden.remove(file);
    }

    /** Has others see a file that is on its way, if it is. */
    void expose(Path file) throws IOException {
        OpenHandle upload = of(file);
        if (upload != null) {
            upload.expose();
            hidden.remove(upload);
        }
    }

    /**
     * Discards them all.
     *
     * @param failed takes those of which something is left behind, and why
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
