#!/bin/sh
# Checks that every Swift block of the README and of the articles stands, line for line, in an
# example, where it is built and run; and that no link to a file in the tree leads nowhere.
set -eu
cd "$(dirname "$0")/.."

status=0
for page in README.md Docs/Longwave.docc/*.md; do
  awk -v page="$page" '
    # The examples come first: kept as one text each, lines without indentation.
    FILENAME != page { text[FILENAME] = text[FILENAME] stripped($0) "\n"; next }
    /^```swift/ { inside = 1; block = ""; start = FNR; next }
    /^```/ && inside {
      inside = 0
      found = 0
      for (file in text) if (index(text[file], block)) found = 1
      if (!found) { printf "%s:%d: this block is in no example\n", page, start; bad = 1 }
      next
    }
    inside { block = block stripped($0) "\n" }
    function stripped(line) { sub(/^ +/, "", line); return line }
    END { exit bad }
  ' Examples/*/main.swift "$page" || status=1
done

for page in README.md CONTRIBUTING.md Docs/Design/*.md; do
  for target in $(sed -n 's/.*](\([^)#:]*\)).*/\1/p' "$page"); do
    [ -e "$(dirname "$page")/$target" ] || {
      echo "$page: nothing at $target"
      status=1
    }
  done
done
exit $status
