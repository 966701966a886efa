package dev.sluice.devstack.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class the servers that its constructor and methods take as parameters.
 *
 * <ul>
 *   <li>{@code KafkaCluster} (one node), {@code SchemaRegistry}, {@code ObjectStore}: started once
 *       for all test classes of the JVM. Leave them running; keep out of each other's way with
 *       {@link FreshNames}.
 *   <li>The same with {@link Private}: the test's own, to stop and kill.
 *   <li>{@code ImageServer}: the test's own (it costs nothing), over the photographs.
 *   <li>{@link FreshNames}: names that no other test uses.
 * </ul>
 *
 * <p>A parameter of a constructor, {@code @BeforeAll} or {@code @AfterAll} lives as long as the
 * class, one of a test method or {@code @BeforeEach} as long as the test.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(DevstackExtension.class)
public @interface WithDevstack {}
