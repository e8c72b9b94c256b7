package dev.mooring.itests;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Follows a page of {@code docs/how-to} with other software or on several machines. These tests take minutes, so only {@code -Dmooring.pages} runs them. CI does. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfSystemProperty(
        named = "mooring.pages",
        matches = ".*",
        disabledReason = "-Dmooring.pages runs the tests that follow pages of docs/how-to with other software")
@interface PageTest {}
