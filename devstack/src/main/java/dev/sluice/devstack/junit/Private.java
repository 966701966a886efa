package dev.sluice.devstack.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Asks for a server of the test's own, which it may stop and kill. Costs the time to start it; ask
 * only when the shared one will not do.
 */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
public @interface Private {
  /** Of a {@code KafkaCluster}: 1 or 3. */
  int nodes() default 1;
}
