package dev.sluice.schemas;

import dev.sluice.v1.InferenceRequest;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Lets Avro load the generated classes of {@code dev.sluice.v1}. Since 1.12.2 Avro refuses every
 * class that nobody vouched for ("This class is not trusted to be included in Avro schemas"), which
 * guards against class names in schemas off the wire. Call {@link #trust()} once before the first
 * record is written or read with these classes; programs that use generic records need not.
 */
public final class ContractClasses {

  private static final String PACKAGE = InferenceRequest.class.getPackageName();

  static {
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(), ContractClasses::isOurs));
  }

  private ContractClasses() {}

  /**
   * Adds the classes of the contract to those that Avro trusts in this JVM, beside what is trusted
   * already. Any thread may call it, any number of times; it takes effect once.
   */
  public static void trust() {
    // The class initializer has run by now, exactly once, whichever thread came first.
  }

  private static boolean isOurs(Class<?> type) {
    return type.getPackageName().equals(PACKAGE)
        && (SpecificRecordBase.class.isAssignableFrom(type) || type.isEnum());
  }
}
