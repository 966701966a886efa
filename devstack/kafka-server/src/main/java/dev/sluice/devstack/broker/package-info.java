/** What runs inside the process of a Kafka node. */
@NullMarked
package dev.sluice.devstack.broker;

import org.jspecify.annotations.NullMarked;
