package dev.sluice.worker.model;

/**
 * Where one request's time went, in milliseconds; 0 for a stage that was not reached.
 *
 * @param queued from the record's Kafka timestamp until the worker began with it
 * @param fetch fetching the image
 * @param decode decoding and resizing, waiting for a decoding thread included
 * @param batchWait waiting for a lane and for others to share the batch
 * @param inference the device call of the whole batch, pre- and post-processing included
 * @param total from the record's Kafka timestamp until the result was made
 */
public record Timings(
    double queued, double fetch, double decode, double batchWait, double inference, double total) {}
