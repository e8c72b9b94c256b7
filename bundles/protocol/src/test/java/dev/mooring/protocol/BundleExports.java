package dev.mooring.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import aQute.bnd.osgi.Analyzer;
import aQute.bnd.osgi.Jar;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/** Compares what others see of a bundle with what they see of the module. */
public final class BundleExports {

    private BundleExports() {}

    /** Checks the bundle of a class, which exports the package of the class and, to everybody, nothing else. */
    public static void assertSameAsModule(Class<?> api) throws Exception {
        Path classes =
                Path.of(api.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (Analyzer analyzer = new Analyzer(new Jar(classes.toFile()));
                InputStream module = Files.newInputStream(classes.resolve("module-info.class"))) {
            analyzer.setImportPackage("*;resolution:=optional");
            analyzer.calcManifest();

            Set<String> exports = ModuleDescriptor.read(module).exports().stream()
                    .filter(each -> !each.isQualified())
                    .map(ModuleDescriptor.Exports::source)
                    .collect(Collectors.toSet());

            assertEquals(Set.of(api.getPackageName()), exports);
            assertEquals(
                    exports,
                    analyzer.getExports().entrySet().stream()
                            .filter(each -> !"true".equals(each.getValue().get("x-internal:")))
                            .map(each -> each.getKey().getFQN())
                            .collect(Collectors.toSet()));
        }
    }
}
