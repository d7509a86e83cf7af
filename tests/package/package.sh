#!/bin/bash
# Packs a build and looks at the package: package.sh BUILD. Ends with 77, and says why, where it cannot.
set -u
build=$1
skip() { echo "skipped: $*"; exit 77; }
fail() { echo "failed: $*"; exit 1; }

for program in dpkg-deb dpkg-shlibdeps lintian; do
  command -v $program >/dev/null || skip "$program is not installed (Debian: dpkg-dev, lintian)"
done
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT || exit 1
pack() { # FOLDER UMASK
  (cd "$build" && umask "$2" && cpack -B "$folder/$1" >"$folder/log" 2>&1) ||
    fail "cpack: $(cat "$folder/log")"
}
pack first 022
sleep 1  # whenever it is packed, and whoever does
pack second 077
deb=$(echo "$folder"/first/*.deb)
cmp "$deb" "$folder/second/${deb##*/}" || fail "packed again, the bytes differ"

version=$("$build/nflow" --version) && version=${version#nflow }
[ "$(dpkg-deb -f "$deb" Version)" = "$version" ] || fail "the package is not of version $version"
dpkg --validate-version "$version" || fail "no version of Debian's"
dpkg-deb -x "$deb" "$folder/tree"
for file in bin/nflow share/man/man1/nflow-train.1.gz share/man/man5/nflow-model.5.gz \
  share/man/man7/nflow-changes.7.gz share/man/man7/nflow-cookbook.7.gz share/man/man7/nflow-intro.7.gz \
  share/bash-completion/completions/nflow share/fish/vendor_completions.d/nflow.fish \
  share/zsh/vendor-completions/_nflow share/doc/nflow/copyright share/doc/nflow/changelog.gz; do
  [ -s "$folder/tree/usr/$file" ] || fail "no $file"
done
[ ! -e "$folder/tree/usr/lib" ] && [ ! -e "$folder/tree/usr/include" ] || fail "the library is in it"

lintian --allow-root --fail-on error,warning --tag-display-limit 0 --display-info "$deb" ||
  fail "lintian"
echo "$(basename "$deb"): the same bytes twice, and lintian has neither errors nor warnings"
