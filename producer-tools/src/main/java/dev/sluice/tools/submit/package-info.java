/**
 * {@code sluice submit}: what the user names becomes requests, requests are sent, and their results
 * are awaited if asked for.
 */
@NullMarked
package dev.sluice.tools.submit;

import org.jspecify.annotations.NullMarked;
