package dev.mooring.itests;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs a test once, on Felix or on the module path; the hash of its name chooses. With {@code -Dmooring.runtimes=all} runs it on both and on
 * all JDKs.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(Variants.class)
@interface OneRuntime {}
