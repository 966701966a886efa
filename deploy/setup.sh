#!/usr/bin/env bash
# Waits for Kafka and the registry, creates the topics and registers the schemas. Run again, it
# changes nothing; it fails where what is there differs from what Sluice needs.
set -euo pipefail
PATIENCE_SECONDS=120

# Takes the first address of a list, with or without a scheme and a path.
wait_for() {
  local address=${1%%,*}
  address=${address#*://}
  address=${address%%/*}
  echo "waiting for $address"
  until (exec 3<>"/dev/tcp/${address%:*}/${address##*:}") 2>/dev/null; do
    if [ "$SECONDS" -ge "$PATIENCE_SECONDS" ]; then
      echo "nothing listens on $address after $PATIENCE_SECONDS s" >&2
      exit 1
    fi
    sleep 0.5
  done
}

sluice() { java --enable-native-access=ALL-UNNAMED -XX:TieredStopAtLevel=1 dev.sluice.tools.Sluice "$@"; }

wait_for "$SLUICE_KAFKA_BOOTSTRAP_SERVERS"
sluice topics create
wait_for "$SLUICE_KAFKA_SCHEMA_REGISTRY_URL"
sluice schemas register
