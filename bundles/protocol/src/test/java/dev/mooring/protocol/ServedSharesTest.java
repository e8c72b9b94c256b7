package dev.mooring.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mooring.accounts.Account;
import dev.mooring.share.OwnedShare;
import dev.mooring.share.SharePath;
import dev.mooring.share.Shares;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServedSharesTest {

    @TempDir
    Path directory;

    private OwnedShare share(String name) throws IOException {
        Path zip = directory.resolve(name + ".zip");
        if (Files.notExists(zip)) {
            // The end of a central directory without entries.
            byte[] end = new byte[22];
            end[0] = 'P';
            end[1] = 'K';
            end[2] = 5;
            end[3] = 6;
            Files.write(zip, end);
        }
        return Shares.open(name, "jar:" + zip.toUri(), true, List.of());
    }

    private static boolean isUsable(OwnedShare share) {
        try {
            share.entry(SharePath.ROOT);
            return true;
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    @Test
    void sessionsKeepAShareThatIsReplaced() throws IOException {
        AtomicLong connections = new AtomicLong();
        try (OwnedShare own = share("own");
                OwnedShare after = share("team");
                OwnedShare third = share("team")) {
            OwnedShare before = share("team");
            ServedShares shares = new ServedShares(own, connections::get);
            shares.add(before);
            assertEquals(true, isUsable(before));
            connections.set(1);
            shares.add(after);
            shares.remove(before);
            before.close();
            assertEquals(true, isUsable(before));
            assertEquals(Optional.of(after), shares.of(new Account("ada", "team", SharePath.ROOT, true)));

            connections.set(0);
            shares.add(third);
            assertEquals(false, isUsable(before));
            shares.close();
        }
    }
}
