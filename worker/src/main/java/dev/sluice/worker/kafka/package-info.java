/** The one owner of the consumer, the sinks and the codecs. The only package that knows Kafka. */
@NullMarked
package dev.sluice.worker.kafka;

import org.jspecify.annotations.NullMarked;
