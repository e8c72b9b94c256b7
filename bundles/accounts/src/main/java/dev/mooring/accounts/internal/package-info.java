@NullMarked
package dev.mooring.accounts.internal;

import org.jspecify.annotations.NullMarked;
