#!/usr/bin/env bash
# Builds Sluice with -Pconfluent where Confluent's repository cannot be reached: from a file
# repository whose jars are cut out of what Maven Central has (see ../docs/decisions/confluent-client.md)
# and whose POMs ask for what the official ones ask for. Not part of the default build: it takes some
# minutes. What it shows and what it does not is on that page.
#
#   third-party/check-confluent.sh [more arguments for Maven, such as -o]
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
WORK=$(mktemp -d)
# A version that nobody publishes, so that nothing made here can be taken for the official artifact.
VERSION=7.9.5-structural-check
CACHED=${MAVEN_LOCAL_REPOSITORY:-$HOME/.m2/repository}/io/confluent
REPOSITORY=$WORK/repository
COPY=$WORK/sluice
trap 'rm -rf "$WORK" "$CACHED"/*/"$VERSION"' EXIT

fail() {
  echo "check-confluent: $*" >&2
  exit 1
}

maven() { (cd "$COPY" && mvn -B -ntp -q "$@"); }

# A repository has POMs and jars at the paths of their coordinates; what else there may be is not needed.
publish() { # ARTIFACT JAR DEPENDENCY...
  local artifact=$1 jar=$2 dependency group name version
  local folder=$REPOSITORY/io/confluent/$artifact/$VERSION
  shift 2
  mkdir -p "$folder"
  cp "$jar" "$folder/$artifact-$VERSION.jar"
  {
    echo "<project><modelVersion>4.0.0</modelVersion><groupId>io.confluent</groupId>"
    echo "<artifactId>$artifact</artifactId><version>$VERSION</version><dependencies>"
    for dependency in "$@"; do
      IFS=: read -r group name version <<<"$dependency"
      echo "<dependency><groupId>$group</groupId><artifactId>$name</artifactId><version>$version</version></dependency>"
    done
    echo "</dependencies></project>"
  } >"$folder/$artifact-$VERSION.pom"
}

empty_jar() {
  mkdir -p "$WORK/nothing"
  (cd "$WORK/nothing" && jar --create --file "$WORK/empty.jar" --no-manifest .)
}

mkdir -p "$COPY"
(cd "$ROOT" && git ls-files -z -co --exclude-standard | xargs -0 tar c --ignore-failed-read) | tar x -C "$COPY"

echo "cutting the client out of what Maven Central has"
maven -pl third-party package -DskipTests -Dspotless.check.skip "$@"
CUT=("$COPY"/third-party/target/sluice-third-party-*.jar)
unzip -l "${CUT[0]}" io/confluent/kafka/serializers/KafkaAvroSerializer.class >/dev/null || fail "no client in ${CUT[0]}"
cp "${CUT[0]}" "$WORK/cut.jar"
rm -rf "$COPY/third-party/target"

# What the official POMs of the 7.x line declare; Confluent's build of the Kafka client and its log
# appenders are excluded by ours, and are not published here: asking for them fails.
empty_jar
publish kafka-schema-registry-client "$WORK/cut.jar" \
  org.yaml:snakeyaml:2.0 org.apache.kafka:kafka-clients:"$VERSION"-ccs org.apache.avro:avro:1.12.0 \
  org.apache.commons:commons-compress:1.26.1 com.fasterxml.jackson.core:jackson-databind:2.16.0 \
  io.swagger.core.v3:swagger-annotations:2.1.10 com.google.guava:guava:32.0.1-jre
publish kafka-schema-serializer "$WORK/empty.jar" \
  io.confluent:kafka-schema-registry-client:"$VERSION" com.fasterxml.jackson.dataformat:jackson-dataformat-csv:2.16.0
publish kafka-avro-serializer "$WORK/empty.jar" \
  org.apache.avro:avro:1.12.0 org.apache.commons:commons-compress:1.26.1 \
  io.confluent:kafka-schema-serializer:"$VERSION" io.confluent:kafka-schema-registry-client:"$VERSION" \
  com.google.guava:guava:32.0.1-jre io.confluent:logredactor:1.0.12

echo "building with -Pconfluent: every module, convergence, and the tests of the wire format"
maven package -Pconfluent -Dconfluent.repository="file://$REPOSITORY" -Dconfluent.version="$VERSION" \
  -Dtest='WireFormatTest,RegistryClientTest,ArchitectureTest' -Dsurefire.failIfNoSpecifiedTests=false -Dspotless.check.skip "$@"

echo "looking at what came out"
for lib in "$COPY"/worker/target/lib "$COPY"/producer-tools/target/lib; do
  for artifact in kafka-avro-serializer kafka-schema-serializer kafka-schema-registry-client; do
    [ -f "$lib/$artifact-$VERSION.jar" ] || fail "$lib lacks $artifact"
  done
  ! ls "$lib" | grep -E 'pinot|logredactor|kafka-clients-.*ccs' || fail "$lib has what was to stay out"
  [ "$(ls "$lib" | grep -c '^kafka-clients-')" = 1 ] || fail "$lib has not exactly one Kafka client"
done
OURS=("$COPY"/third-party/target/sluice-third-party-*.jar)
! unzip -l "${OURS[0]}" | grep -E '\.class$|META-INF/(NOTICE|LICENSE)' || fail "${OURS[0]} carries what is not in it"
! grep -rlE 'import (static )?(org\.apache\.pinot|io\.swagger)' "$COPY"/*/src --include=*.java || fail "imports that only the cut jar has"
echo "-Pconfluent builds: $(ls "$COPY/producer-tools/target/lib" | wc -l) libraries, one Kafka client, no repackaged class"
