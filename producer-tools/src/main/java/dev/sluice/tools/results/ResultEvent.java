package dev.sluice.tools.results;

import dev.sluice.v1.InferenceResult;
import java.time.Instant;

/** A result and where it stands in its topic. */
public record ResultEvent(int partition, long offset, Instant timestamp, InferenceResult result) {}
