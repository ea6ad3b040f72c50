#!/bin/sh
# Makes the documentation in .build/docs: the articles of Docs/Longwave.docc and the public symbols
# of the library. Works offline; `make docs` says how to look at it.
set -eu
cd "$(dirname "$0")/.."

swift=${SWIFT:-swift}
docc=$(command -v docc || true)
if [ -z "$docc" ]; then
  echo "docc was not found; it comes with the Swift toolchain, beside swift." >&2
  exit 1
fi

"$swift" build -c release --product longwave
build=$("$swift" build -c release --show-bin-path)
graphs=.build/symbol-graphs
rm -rf "$graphs" .build/docs
mkdir -p "$graphs"
target=$("$swift" -print-target-info | sed -n 's/.*"triple": "\(.*\)",/\1/p' | head -n 1)
for module in SequenceTensor SpectralCore Differentiation Layers LongConvolution TensorIO Training
do
  "$swift" symbolgraph-extract -module-name "$module" -target "$target" \
    -I "$build/Modules" -I Sources/CFFTW -I Sources/COneDNN \
    -Xcc "-fmodule-map-file=$build/LaneKernels.build/module.modulemap" \
    -minimum-access-level public -skip-synthesized-members -output-dir "$graphs"
done

"$docc" convert Docs/Longwave.docc --additional-symbol-graph-dir "$graphs" \
  --fallback-display-name Longwave --fallback-bundle-identifier org.longwave.Longwave \
  --output-path .build/docs
echo "The documentation is in .build/docs; to read it:"
echo "  $docc preview Docs/Longwave.docc --additional-symbol-graph-dir $graphs" \
  "--fallback-display-name Longwave --fallback-bundle-identifier org.longwave.Longwave"
