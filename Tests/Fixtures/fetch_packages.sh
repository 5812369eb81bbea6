#!/bin/sh
# Fetches packages of Debian 13 for one architecture and unpacks them: fetch_packages.sh FOLDER ARCHITECTURE PACKAGE...
#
# FOLDER keeps the package lists and what was fetched, for the next run. The mirror is the one that this machine's apt has.
set -eu
folder=$1 architecture=$2
shift 2
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb  *\(\[[^]]*\] *\)\{0,1\}\(http[^ ]*\) .*/\2/p' | grep '/debian/\{0,1\}$' | head -n 1)
[ -n "$mirror" ] || { echo "apt knows no mirror of Debian" >&2; exit 1; }
state=$folder/$architecture
mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/debs" "$state/files"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$state/sources.list"
: >"$state/status"
apt() {
    apt-get -qq -o Dir::State="$state" -o Dir::State::lists="$state/lists" -o Dir::Cache="$state/cache" \
        -o Dir::State::status="$state/status" -o Dir::Etc::sourcelist="$state/sources.list" \
        -o Dir::Etc::sourceparts=/nonexistent -o APT::Architecture="$architecture" \
        -o APT::Architectures="$architecture" -o APT::Sandbox::User=root -o Acquire::Languages=none "$@"
}
# Other tests may fetch at the same time, and apt takes a lock that it does not wait for.
exec 9>"$state/lock"
flock 9
cd "$state/debs"
for package in "$@"; do
    ls "$package"_*.deb >/dev/null 2>&1 && continue
    [ -n "${updated-}" ] || apt update >&2
    updated=yes
    # Mirrors have holes: what is missing is said, and the test counts what came.
    apt download "$package" >&2 || { echo "the mirror has no $package for $architecture" >&2; continue; }
    mkdir -p "$state/files/$package"
    dpkg-deb -x "$package"_*.deb "$state/files/$package"
done
