#!/bin/sh
# Builds and runs every example.
set -eu
cd "$(dirname "$0")/.."

swift=${SWIFT:-swift}
binaries=$("$swift" build -c release --show-bin-path)
for folder in Examples/*/; do
  name=$(basename "$folder")
  "$swift" build -c release --product "$name"
  echo "--- $name"
  "$binaries/$name"
done
