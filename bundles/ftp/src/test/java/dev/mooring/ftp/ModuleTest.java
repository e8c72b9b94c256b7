package dev.mooring.ftp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import aQute.bnd.osgi.Analyzer;
import aQute.bnd.osgi.Descriptors.PackageRef;
import aQute.bnd.osgi.Jar;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ModuleTest {

    @Test
    void modulesExportsAreTheBundlesExports() throws Exception {
        Path classes = Path.of(FtpFileServer.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Analyzer analyzer = new Analyzer(new Jar(classes.toFile()));
                InputStream module = Files.newInputStream(classes.resolve("module-info.class"))) {
            analyzer.setImportPackage("*;resolution:=optional");
            analyzer.calcManifest();

            Set<String> exports = ModuleDescriptor.read(module).exports().stream()
                    .map(ModuleDescriptor.Exports::source)
                    .collect(Collectors.toSet());

            assertEquals(Set.of("dev.mooring.ftp"), exports);
            assertEquals(
                    exports,
                    analyzer.getExports().keySet().stream()
                            .map(PackageRef::getFQN)
                            .collect(Collectors.toSet()));
        }
    }
}
