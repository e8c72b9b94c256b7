package dev.mooring.http.internal.listing;

import dev.mooring.share.Entry;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The icons of entries. Their pictures are in the style sheet. */
final class FileIcon {

    private static final Map<String, String> BY_SUFFIX = icons(Map.of(
            "image", "avif bmp gif heic ico jpeg jpg jxl png psd raw svg tif tiff webp xcf",
            "audio", "aac aiff flac m4a mid mp3 oga ogg opus wav wma",
            "video", "avi m4v mkv mov mp4 mpeg mpg ogv webm wmv",
            "archive", "7z apk bz2 deb gz iso jar lz4 rar rpm tar tgz txz war xz zip zst",
            "document", "doc docx epub key mobi odp ods odt pdf ppt pptx ps rtf xls xlsx",
            "code", "c cc cpp cs css go h hpp htm html java js json kt php pl py rb rs sh sql toml ts xml yaml yml",
            "text", "adoc asc cfg conf csv ini log md properties rst tex tsv txt"));

    private FileIcon() {}

    /** The CSS class of the icon of an entry. */
    static String of(Entry entry) {
        return switch (entry.kind()) {
            case DIRECTORY -> "folder";
            case OTHER -> "other";
            case FILE -> {
                String name = entry.name();
                int dot = name.lastIndexOf('.');
                String suffix = dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
                yield BY_SUFFIX.getOrDefault(suffix, "file");
            }
        };
    }

    private static Map<String, String> icons(Map<String, String> suffixes) {
        Map<String, String> icons = new HashMap<>();
        suffixes.forEach((icon, list) -> {
            for (String suffix : list.split(" ")) {
                icons.put(suffix, icon);
            }
        });
        return Map.copyOf(icons);
    }
}
