package dev.mooring.share.internal.filesystem;

import dev.mooring.share.internal.directory.Directory;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Reads {@code unix:*} and remembers the names of owners and groups. */
final class UnixAttributes {

    /** All attributes of {@code unix:*} except the names of owner and group, which are cached. */
    private static final String UNNAMED =
            "unix:mode,ino,dev,rdev,nlink,uid,gid,ctime,permissions,size,lastModifiedTime,"
                    + "lastAccessTime,creationTime,isDirectory,isRegularFile,isSymbolicLink,isOther,fileKey";

    private final Map<Object, UserPrincipal> users = new ConcurrentHashMap<>();
    private final Map<Object, GroupPrincipal> groups = new ConcurrentHashMap<>();

    Map<String, Object> all(Directory parent, Path name) throws IOException {
        Map<String, Object> all = new HashMap<>(parent.attributes(name, UNNAMED));
        all.put("owner", principal(parent, name, "owner", all.get("uid"), users));
        all.put("group", principal(parent, name, "group", all.get("gid"), groups));
        return all;
    }

    /** Finds an owner or group by its number. Cached, because the system reads files or queries the network for the name. */
    @SuppressWarnings("unchecked")
    private static <P extends UserPrincipal> P principal(
            Directory parent, Path name, String attribute, Object id, Map<Object, P> known) throws IOException {
        P principal = known.get(id);
        if (principal == null) {
            String number = attribute.equals("owner") ? "uid" : "gid";
            Map<String, Object> both = parent.attributes(name, "unix:" + attribute + ',' + number);
            principal = (P) both.get(attribute);
            known.put(both.get(number), principal);
        }
        return principal;
    }
}
