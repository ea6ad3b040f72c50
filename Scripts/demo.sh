#!/bin/sh
# Generates a short ListOps set and trains SGConv on it.
#
# DEMO_TRAIN   number of training expressions
# DEMO_EPOCHS  passes over them
# Everything it makes lies in runs/demo and is made anew each time.
set -eu
cd "$(dirname "$0")/.."

swift=${SWIFT:-swift}
train=${DEMO_TRAIN:-20000}
epochs=${DEMO_EPOCHS:-4}
held_out=$((train / 10))
[ "$held_out" -ge 100 ] || held_out=100

"$swift" build -c release --product longwave
longwave="$("$swift" build -c release --show-bin-path)/longwave"

rm -rf runs/demo
mkdir -p runs/demo

echo "Generating $train ListOps expressions of 41 to 249 tokens ..."
"$longwave" data listops --out runs/demo/listops --seed 1 \
  --min-length 40 --max-length 250 \
  --train "$train" --validation "$held_out" --test "$held_out"

echo "Training SGConv, $epochs epochs ..."
"$longwave" train listops --data runs/demo/listops --model sgconv --out runs/demo/sgconv \
  --set data.maximumLength=256 --set filter.maximumLength=256 \
  --set training.epochs="$epochs"

echo
echo "The report is a page for your browser. To go on:"
echo "  $longwave evaluate runs/demo/sgconv"
echo "  echo '[MAX 4 [MIN 7 2 ] 1 ]' | $longwave predict runs/demo/sgconv --json"
