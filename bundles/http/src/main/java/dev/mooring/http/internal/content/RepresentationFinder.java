package dev.mooring.http.internal.content;

import dev.mooring.http.internal.message.Coding;
import dev.mooring.http.internal.message.EntityTag;
import dev.mooring.share.Entry;
import dev.mooring.share.Share;
import dev.mooring.share.SharePath;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Finds the representations in which a file can be sent. */
final class RepresentationFinder {

    /** Smaller files are not compressed: the response is one packet anyway. */
    private static final int MIN_COMPRESSED_SIZE = 1024;

    private final Share share;
    private final boolean gzip;
    private final boolean precompressed;
    private final String cacheControl;

    RepresentationFinder(Share share, boolean gzip, boolean precompressed, String cacheControl) {
        this.share = share;
        this.gzip = gzip;
        this.precompressed = precompressed;
        this.cacheControl = cacheControl;
    }

    /**
     * The representations of a file: the precompressed files beside it, gzip if that is worthwhile, and the file itself.
     *
     * @param known what was found before; {@code null} if nothing was
     */
    ServedFile of(Entry entry, @Nullable ServedFile known) throws IOException {
        String type = ContentTypes.of(entry.name());
        boolean gzipped = ContentTypes.isGzipped(entry.name());
        Map<Coding, Entry> sources = new LinkedHashMap<>();
        if (precompressed && !gzipped) {
            for (Coding coding : Coding.PRECOMPRESSED) {
                Entry sibling = sibling(entry, coding);
                if (sibling != null) {
                    sources.put(coding, sibling);
                }
            }
        }
        if (gzip && !gzipped && entry.size() >= MIN_COMPRESSED_SIZE && ContentTypes.isCompressible(type)) {
            sources.putIfAbsent(Coding.GZIP, entry);
        }
        sources.put(Coding.IDENTITY, entry);

        if (known != null && known.describes(sources)) {
            return known.foundAgain();
        }
        long now = System.currentTimeMillis();
        boolean varies = sources.size() > 1;
        List<Representation> representations = new ArrayList<>();
        sources.forEach((coding, source) -> representations.add(new Representation(
                source,
                coding,
                coding != Coding.IDENTITY && source == entry,
                EntityTag.of(share.name(), source, coding, EntityTag.settled(source, now)),
                type,
                cacheControl,
                varies)));
        boolean settled = representations.stream().noneMatch(each -> each.tag().weak());
        ServedFile file = new ServedFile(entry, representations, settled, share.isLocal(entry), System.nanoTime());
        if (known != null) {
            file.reuseContentOf(known);
        }
        return file;
    }

    private @Nullable Entry sibling(Entry entry, Coding coding) throws IOException {
        SharePath path = entry.path().parent().resolve(entry.name() + coding.suffix());
        if (!share.mayExist(path)) {
            return null;
        }
        try {
            Entry sibling = share.entry(path);
            // Tools that copy the time of the original to the compressed file may drop fractions of a second.
            return sibling.kind() == Entry.Kind.FILE && seconds(sibling) >= seconds(entry) ? sibling : null;
        } catch (NoSuchFileException | AccessDeniedException e) {
            return null;
        }
    }

    private static long seconds(Entry entry) {
        return entry.modified().to(TimeUnit.SECONDS);
    }
}
