package dev.sluice.worker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The layering of docs/decisions: {@code Main -> Worker -> stages -> model}. Think hard before
 * loosening a rule; each keeps one library or one kind of state in one place.
 */
class ArchitectureTest {
  private static final String ROOT = "dev.sluice.worker";
  private static final List<String> STAGES =
      List.of("image", "batch", "inference", "kafka", "ledger", "retry", "telemetry", "config");
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @ParameterizedTest
  @CsvSource({
    "kafka, org.apache.kafka..",
    "inference, ai.onnxruntime..",
    "image, org.bytedeco..",
    "telemetry, io.micrometer.."
  })
  void onlyOnePackageKnowsTheLibrary(String owner, String library) {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "." + owner + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(library)
        .check(CLASSES);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "image",
        "batch",
        "inference",
        "kafka",
        "ledger",
        "retry",
        "telemetry",
        "config",
        "model"
      })
  void stagesDoNotKnowEachOther(String stage) {
    String[] others =
        Stream.concat(STAGES.stream(), Stream.of(""))
            .filter(other -> !other.equals(stage))
            .filter(other -> !(stage.equals("kafka") && List.of("ledger", "retry").contains(other)))
            .map(other -> other.isEmpty() ? ROOT : ROOT + "." + other + "..")
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(ROOT + "." + stage + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .because(stage + " stands alone; not " + Arrays.toString(others))
        .check(CLASSES);
  }

  @Test
  void theModelAndTheLedgerArePure() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + ".model..", ROOT + ".ledger..", ROOT + ".retry..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            "java..", "org.jspecify..", "com.google.errorprone.annotations..", ROOT + "..")
        .check(CLASSES);
  }
}
