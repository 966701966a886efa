package dev.sluice.system;

import static org.apache.kafka.common.acl.AclPermissionType.ALLOW;
import static org.apache.kafka.common.acl.AclPermissionType.DENY;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** What keeps a topic from taking records, until it is mended. The brokers have an authorizer. */
enum Fault {
  DEAD_LETTERS_MISSING {
    @Override
    void begin(Pipeline pipeline, Admin admin) {
      done(admin.deleteTopics(Set.of(pipeline.deadLetters())).all());
    }

    @Override
    void end(Pipeline pipeline, Admin admin) {
      pipeline.kafka().createTopic(pipeline.deadLetters(), 1);
    }
  },
  DEAD_LETTERS_FORBIDDEN {
    @Override
    void begin(Pipeline pipeline, Admin admin) {
      forbid(admin, AclOperation.WRITE, topic(pipeline.deadLetters()));
    }

    @Override
    void end(Pipeline pipeline, Admin admin) {
      allow(admin, topic(pipeline.deadLetters()));
    }
  },
  /** Too small even for a dead letter that only points to the record. */
  DEAD_LETTERS_TOO_SMALL {
    @Override
    void begin(Pipeline pipeline, Admin admin) {
      pipeline.alterTopic(admin, pipeline.deadLetters(), "max.message.bytes", "100");
    }

    @Override
    void end(Pipeline pipeline, Admin admin) {
      pipeline.alterTopic(admin, pipeline.deadLetters(), "max.message.bytes", "1048588");
    }
  },
  RESULTS_FORBIDDEN {
    @Override
    void begin(Pipeline pipeline, Admin admin) {
      forbid(admin, AclOperation.WRITE, topic(pipeline.results()));
    }

    @Override
    void end(Pipeline pipeline, Admin admin) {
      allow(admin, topic(pipeline.results()));
    }
  };

  /** Everybody is this one on a listener without authentication. */
  private static final String ANYBODY = "User:ANONYMOUS";

  /** The topic that takes nothing. */
  String topicOf(Pipeline pipeline) {
    return switch (this) {
      case DEAD_LETTERS_MISSING, DEAD_LETTERS_FORBIDDEN, DEAD_LETTERS_TOO_SMALL ->
          pipeline.deadLetters();
      case RESULTS_FORBIDDEN -> pipeline.results();
    };
  }

  abstract void begin(Pipeline pipeline, Admin admin);

  abstract void end(Pipeline pipeline, Admin admin);

  static ResourcePattern topic(String name) {
    return new ResourcePattern(ResourceType.TOPIC, name, PatternType.LITERAL);
  }

  /**
   * Forbids one operation. The others are allowed by name, since a resource with a rule is shut.
   */
  static void forbid(Admin admin, AclOperation operation, ResourcePattern resource) {
    Collection<AclBinding> rules =
        List.of(rule(resource, AclOperation.ALL, ALLOW), rule(resource, operation, DENY));
    done(admin.createAcls(rules).all());
  }

  /** Takes all rules of these resources away. */
  static void allow(Admin admin, ResourcePattern... resources) {
    List<AclBindingFilter> filters =
        Stream.of(resources)
            .map(
                resource -> new AclBindingFilter(resource.toFilter(), AccessControlEntryFilter.ANY))
            .toList();
    done(admin.deleteAcls(filters).all());
  }

  private static AclBinding rule(
      ResourcePattern resource, AclOperation operation, AclPermissionType permission) {
    return new AclBinding(resource, new AccessControlEntry(ANYBODY, "*", operation, permission));
  }

  static void done(KafkaFuture<?> asked) {
    try {
      asked.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the brokers did not do it", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
