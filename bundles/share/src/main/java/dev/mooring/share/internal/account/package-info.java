@NullMarked
package dev.mooring.share.internal.account;

import org.jspecify.annotations.NullMarked;
