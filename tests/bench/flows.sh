#!/usr/bin/env bash
# Test log-likelihood (nats/row, in the columns' units) and wall time of each flow alone and of a
# chain, on tables given as folders with train.csv, val.csv and test.csv.
#   usage: flows.sh NFLOW FOLDER...        STEPS=3000 by default
set -euo pipefail
nflow=$1
shift
steps=${STEPS:-3000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# name | options
flows=(
  "planar x 32|--flow planar --layers 32"
  "radial x 32|--flow radial --layers 32"
  "realnvp x 8|--flow realnvp --layers 8"
  "maf x 5|--flow maf,reverse --layers 5"
  "conv1x1|--flow conv1x1"
  "actnorm|--flow actnorm"
  "nsf-ar x 4|--flow nsf-ar,reverse --layers 4"
  "nsf-cl x 6|--flow nsf-cl --layers 6"
  "actnorm,conv1x1,nsf-cl x 8|--flow actnorm,conv1x1,nsf-cl --layers 8 --hidden 64,64 --dropout 0.1"
  "mixture:components=16|--flow mixture:components=16"
  "actnorm,conv1x1,nsf-ar x 5|--flow actnorm,conv1x1,nsf-ar --layers 5"
)

printf '| flow | table | test log p | standard error | seconds |\n|---|---|---|---|---|\n'
for folder in "$@"; do
  for entry in "${flows[@]}"; do
    name=${entry%%|*}
    read -ra options <<<"${entry#*|}"
    start=$(date +%s.%N)
    "$nflow" train "$folder/train.csv" --validation-file "$folder/val.csv" -q \
      -o "$work/model.nflow" --max-steps "$steps" "${options[@]}"
    end=$(date +%s.%N)
    result=$("$nflow" logprob -m "$work/model.nflow" --summary "$folder/test.csv" | tail -n 1)
    IFS=, read -r _ mean stderr _ <<<"$result"
    printf '| %s | %s | %.4f | %.4f | %.1f |\n' "$name" "$(basename "$folder")" "$mean" "$stderr" \
      "$(echo "$end - $start" | bc)"
  done
done
