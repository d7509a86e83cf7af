#!/bin/bash
# Builds twice, and runs what comes of it in other roots: roots.sh SOURCE [FOLDER]. To be run on
# purpose, as root and with network: it takes long. FOLDER keeps the builds and the roots for the
# next time. Ends with 77, and says why, where it cannot.
set -u
source=$(realpath "$1")
mirror=${NFLOW_MIRROR:-http://deb.debian.org/debian}
skip() { echo "skipped: $*"; exit 77; }
fail() { echo "failed: $*"; exit 1; }
say() { echo "roots: $*"; }

[ "$(id -u)" = 0 ] || skip "chroot and debootstrap want root"
for program in debootstrap git ninja dpkg-shlibdeps; do
  command -v $program >/dev/null || skip "$program is not installed"
done
[ -e "$source/.git" ] || skip "$source is not under git, whose files alone are to be built"
if [ $# -gt 1 ]; then
  folder=$(realpath -m "$2") && mkdir -p "$folder"
else
  folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT
fi
cd "$folder" || exit 1

commit=$(git -C "$source" rev-parse HEAD)

# Two builds of the same commit in two folders have the same bytes.
build() { # PLACE PRESET
  { [ -d "$1" ] || git clone -q "$source" "$1"; } && git -C "$1" fetch -q origin &&
    git -C "$1" checkout -q --detach "$commit" &&
    (cd "$1" && cmake --preset "$2" && cmake --build --preset "$2") >"$1.log" 2>&1 ||
    fail "build: $(tail -n 5 "$1.log")"
}
pack() { # PLACE
  (cd "$1/build" && rm -f ./*.deb && cpack) >"$1.log" 2>&1 || fail "cpack: $(cat "$1.log")"
}
mkdir -p 'some where'
for place in here 'some where/else'; do
  build "$place" release
  pack "$place"
done
build here static
deb=$(cd here/build && echo *.deb)
cmp here/build/nflow "some where/else/build/nflow" || fail "the commands differ"
cmp "here/build/$deb" "some where/else/build/$deb" || fail "the packages differ"
say "two builds made the same $deb ($(sha256sum <"here/build/$deb" | head -c 16)...)"

root() { # SUITE: a clean root of that distribution
  [ -e "$1/complete" ] && return
  rm -rf "$1"
  debootstrap --variant=minbase "$1" "$1" "$mirror" >"$1.log" 2>&1 ||
    skip "debootstrap cannot make $1: $(tail -n 1 "$1.log")"
  touch "$1/complete"
}
session() { # ROOT NFLOW: trains, scores, samples and transforms there
  rm -rf "$1/job" && mkdir "$1/job" && head -n 1001 "$source/data/power.csv" >"$1/job/power.csv"
  chroot "$1" "$2" train /job/power.csv -o /job/m.nflow --max-steps 20 \
    --flow actnorm,conv1x1,nsf-cl --quiet &&
    chroot "$1" "$2" logprob -m /job/m.nflow /job/power.csv -o /job/scores.csv &&
    chroot "$1" "$2" sample -m /job/m.nflow -n 100 --seed 1 >"$1/job/samples.csv" &&
    chroot "$1" "$2" transform -m /job/m.nflow /job/samples.csv |
    chroot "$1" "$2" transform -m /job/m.nflow --inverse >"$1/job/back.csv" &&
    chroot "$1" "$2" sample -m /job/m.nflow -n 1 >"$1/job/fresh.csv" ||
    fail "nflow does not work in $1"
  [ "$(wc -l <"$1/job/back.csv")" = 101 ] || fail "transform does not work in $1"
}
same() { # ROOT: as in Debian 12
  for file in m.nflow scores.csv samples.csv back.csv; do
    cmp "$1/job/$file" "bookworm/job/$file" || fail "$1: $file differs"
  done
}

root bookworm
cp "here/build/$deb" bookworm/nflow.deb
{ chroot bookworm apt-get update && chroot bookworm apt-get purge -y nflow
  chroot bookworm apt-get install -y --no-install-recommends /nflow.deb; } >install.log 2>&1 ||
  fail "the package does not install: $(tail -n 5 install.log)"
session bookworm nflow
say "the package installs and works on a clean Debian 12"

rm -rf empty && mkdir empty && cp here/build/static/nflow empty
session empty /nflow
same empty
say "the static command works where there is nothing else, and makes the same bytes"
for suite in bullseye trixie; do
  root $suite
  cp here/build/static/nflow $suite/usr/local/bin/
  session $suite nflow
  same $suite
  say "the static command works on $(. $suite/etc/os-release && echo "$PRETTY_NAME")"
done
