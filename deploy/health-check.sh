#!/usr/bin/env bash
# Asks the worker whether it is alive, with nothing but bash: the image needs no HTTP client for it.
set -eu
exec 3<>"/dev/tcp/127.0.0.1/${SLUICE_HTTP_PORT:-8080}"
printf 'GET /health/live HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
read -r _ status _ <&3
[ "$status" = 200 ]
