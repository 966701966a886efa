package dev.sluice.devstack.junit;

import dev.sluice.devstack.Assets;
import dev.sluice.devstack.DevstackServer;
import dev.sluice.devstack.ImageServer;
import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.ObjectStore;
import dev.sluice.devstack.SchemaRegistry;
import java.lang.reflect.Executable;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Does what {@link WithDevstack} says. */
public final class DevstackExtension implements BeforeAllCallback, ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(DevstackExtension.class);

  /** JUnit makes it. */
  public DevstackExtension() {}

  /** Starts what the class will ask for, all at once and in the background. */
  @Override
  public void beforeAll(ExtensionContext context) {
    Class<?> test = context.getRequiredTestClass();
    Stream.<Executable>concat(
            Arrays.stream(test.getDeclaredConstructors()), Arrays.stream(test.getDeclaredMethods()))
        .flatMap(executable -> Arrays.stream(executable.getParameters()))
        .filter(parameter -> !parameter.isAnnotationPresent(Private.class))
        .map(Parameter::getType)
        .filter(SharedServers::areOf)
        .distinct()
        .forEach(type -> shared(context).launch(type));
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == FreshNames.class || type == ImageServer.class || SharedServers.areOf(type);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    if (type == FreshNames.class) {
      return new FreshNames();
    }
    if (type == ImageServer.class) {
      return ended(context, parameter, ImageServer.launch(Assets.photographs()));
    }
    return parameter
        .findAnnotation(Private.class)
        .map(annotation -> ended(context, parameter, launch(type, annotation)))
        .orElseGet(() -> shared(context).get(type));
  }

  /** Has a server ended with the test or test class of {@code context}. */
  private static DevstackServer ended(
      ExtensionContext context, ParameterContext parameter, DevstackServer server) {
    context.getStore(NAMESPACE).put(parameter.getParameter(), server);
    return server;
  }

  private static DevstackServer launch(Class<?> type, Private annotation) {
    if (type == KafkaCluster.class) {
      return KafkaCluster.launch(annotation.nodes());
    }
    if (type == SchemaRegistry.class) {
      return SchemaRegistry.launch();
    }
    if (type == ObjectStore.class) {
      return ObjectStore.launch();
    }
    throw new ParameterResolutionException("@Private is not for " + type);
  }

  private static SharedServers shared(ExtensionContext context) {
    return context
        // One JVM of several runs each of its classes as a request of its own.
        .getStore(StoreScope.LAUNCHER_SESSION, NAMESPACE)
        .computeIfAbsent(SharedServers.class, key -> new SharedServers(), SharedServers.class);
  }
}
