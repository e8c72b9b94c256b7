/** Wiring: the accounts, their component and their configuration. */
@NullMarked
package dev.mooring.accounts.internal;

import org.jspecify.annotations.NullMarked;
