#!/usr/bin/env bash
# Builds the fuzz targets with Clang and libFuzzer, under address and undefined-behaviour sanitizers,
# and runs each of them, or those that are named, side by side:
#
#   tests/fuzz/nightly.sh [MINUTES [TARGET...]]       10 minutes each, all targets
#
# What they find new goes to FUZZ_FOLDER (build/fuzz/found), and they start from it the next time;
# the inputs that end a target stand there as TARGET.crash-*, TARGET.timeout-* and the like. RUNS=N
# gives each N executions in place of the minutes, LENGTH=N inputs of N bytes at most (2048). Debian
# has what it needs in clang-14 and libclang-rt-14-dev.
#
# An input that takes more than SLOW seconds (1) is a find too, TARGET.slow-unit-*. What takes time in
# proportion to the square of an input shows where it is long: LONG=1 begins with inputs of LENGTH
# bytes (then 65536), each one of the corpus in which a piece is repeated.
set -euo pipefail
cd "$(dirname "$0")/../.."
minutes=${1:-10}
shift || true
build=build/fuzz
found=${FUZZ_FOLDER:-$build/found}
cmake --preset fuzz >/dev/null
if test $# -eq 0; then
  for source in tests/fuzz/fuzz_*.cpp; do
    name=$(basename "$source" .cpp)
    set -- "$@" "${name#fuzz_}"
  done
fi
for target in "$@"; do cmake --build "$build" --target "fuzz-$target"; done

# No input may take a single allocation of 256 MB, 2 GB altogether, or ten seconds.
limits="-malloc_limit_mb=256 -rss_limit_mb=2048 -timeout=10 -report_slow_units=${SLOW:-1}"
# Half of the time would go into memory that was given back: it is watched for some executions, not
# for thousands.
export ASAN_OPTIONS=quarantine_size_mb=16:thread_local_quarantine_size_kb=64:malloc_context_size=4:allocator_release_to_os_interval_ms=-1
if test -n "${LONG:-}"; then length=${LENGTH:-65536}; else length=${LENGTH:-2048}; fi
# Writes long inputs to a folder: FOLDER CORPUS.
write_long_inputs() {
  python3 - "$1" "$2" "$length" <<'END'
import os, sys
folder, corpus, length = sys.argv[1], sys.argv[2], int(sys.argv[3])
for name in sorted(os.listdir(corpus)):
    data = open(os.path.join(corpus, name), "rb").read()
    for k in range(16):
        place, size = k * len(data) // 16, (1, 2, 3, 5, 8, 17)[k % 6]
        piece = data[place:place + size]
        if not piece:
            continue
        count = max(1, (length - len(data)) // len(piece))
        with open(os.path.join(folder, "long-%s-%d" % (name, k)), "wb") as file:
            file.write(data[:place] + piece * count + data[place:])
END
}
pids=
for target in "$@"; do
  mkdir -p "$found/$target"
  dictionary=tests/fuzz/$target.dict
  test -f "$dictionary" && dictionary=-dict=$dictionary || dictionary=
  if test -n "${LONG:-}"; then write_long_inputs "$found/$target" "tests/fuzz/corpus/$target"; fi
  if test -n "${RUNS:-}"; then runs=-runs=$RUNS; else runs=-max_total_time=$((60 * minutes)); fi
  "$build/tests/fuzz/fuzz-$target" $limits $runs $dictionary \
    -max_len="$length" -entropic=0 -print_final_stats=1 \
    -artifact_prefix="$found/$target." "$found/$target" "tests/fuzz/corpus/$target" \
    >"$found/$target.log" 2>&1 &
  pids="$pids $!"
done
status=0
for pid in $pids; do wait "$pid" || status=1; done
for target in "$@"; do
  echo "$target: $(grep -E '^(SUMMARY|stat::(number_of_executed_units|slowest_unit_time_sec|peak_rss_mb))' \
    "$found/$target.log" | tr -s ' \n' ' ')"
  for slow in "$found/$target".slow-unit-*; do
    if test -e "$slow"; then status=1; echo "$target: slow: $slow"; fi
  done
done
exit $status
