#!/bin/sh
# Installs coracle from its published files, or from a directory that has them. It asks for no privileges: what it may
# not write, it says.
#
#   install.sh [--from URL-OR-DIRECTORY] [--to DIRECTORY] [--version VERSION] [--key FILE]
set -eu

from=

say() { printf '%s\n' "install.sh: $*" >&2; }

fail() {
    say "$*"
    exit 1
}

usage() {
    cat <<'END'
usage: install.sh [--from URL-OR-DIRECTORY] [--to DIRECTORY] [--version VERSION] [--key FILE]

  --from     where the files are: https://…, or a directory of this machine
  --to       where the program goes; default: ~/.local/bin
  --version  the version; default: the only one that SHA256SUMS lists
  --key      verify the signature of SHA256SUMS with this public key (needs openssl)
END
}

# Copies the file $1 of the published ones to $2.
fetch() {
    case $from in
        https://* | http://127.0.0.1:* | http://localhost:*)
            if command -v curl >/dev/null 2>&1; then
                curl -fsSL --proto '=https,http' --retry 2 --max-time 600 -o "$2" "$from/$1" ||
                    fail "cannot fetch $from/$1"
            elif command -v wget >/dev/null 2>&1; then
                wget -q -T 600 -O "$2" "$from/$1" || fail "cannot fetch $from/$1"
            else
                fail "curl and wget are both missing: install one of them"
            fi
            ;;
        *://*) fail "$from: only https:// is safe to install from" ;;
        *) cp -- "$from/$1" "$2" || fail "cannot read $from/$1" ;;
    esac
}

main() {
    to=${HOME:+$HOME/.local/bin}
    version=
    key=
    while [ $# -gt 0 ]; do
        case $1 in
            --from | --to | --version | --key)
                [ $# -ge 2 ] || fail "$1 needs a value"
                case $1 in
                    --from) from=${2%/} ;;
                    --to) to=$2 ;;
                    --version) version=$2 ;;
                    --key) key=$2 ;;
                esac
                shift 2
                ;;
            -h | --help)
                usage
                exit 0
                ;;
            *)
                usage >&2
                exit 2
                ;;
        esac
    done
    [ -n "$from" ] || fail "--from says where the files are: a URL, or a directory"
    [ -n "$to" ] || fail "HOME is not set: say with --to where the program goes"
    case $(uname -s)/$(uname -m) in
        Linux/x86_64 | Linux/amd64) architecture=amd64 ;;
        Linux/aarch64 | Linux/arm64) architecture=arm64 ;;
        *) fail "there is no coracle for $(uname -s) on $(uname -m)" ;;
    esac

    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM
    fetch SHA256SUMS "$work/SHA256SUMS"
    if [ -n "$key" ]; then
        command -v openssl >/dev/null 2>&1 || fail "--key needs openssl"
        fetch SHA256SUMS.sig "$work/SHA256SUMS.sig"
        openssl base64 -d -A -in "$work/SHA256SUMS.sig" -out "$work/signature" &&
            openssl dgst -sha256 -verify "$key" -signature "$work/signature" "$work/SHA256SUMS" >/dev/null ||
            fail "SHA256SUMS is not signed with $key"
    fi
    # A line has 64 digits, two spaces and a name.
    names=$(sed -n 's/^[0-9a-f]\{64\}  \(coracle-[0-9A-Za-z.+-]*-linux-'"$architecture"'\)$/\1/p' "$work/SHA256SUMS")
    [ -z "$version" ] || names=$(printf '%s\n' "$names" | grep -Fx "coracle-$version-linux-$architecture" || true)
    [ -n "$names" ] || fail "$from has no coracle${version:+ $version} for linux-$architecture"
    [ "$(printf '%s\n' "$names" | wc -l)" -eq 1 ] || fail "$from has several versions: choose one with --version"
    name=$names

    fetch "$name" "$work/coracle"
    sum=$(sha256sum "$work/coracle" | cut -d ' ' -f 1)
    grep -Fqx "$sum  $name" "$work/SHA256SUMS" || fail "$name is not what SHA256SUMS says: nothing is installed"

    mkdir -p -- "$to" 2>/dev/null || fail "cannot make $to: choose another with --to, or run this as its owner"
    [ -w "$to" ] || fail "cannot write into $to: choose another with --to, or run this as its owner"
    chmod 0755 "$work/coracle"
    # The new file appears whole, also where the old one runs.
    cp -- "$work/coracle" "$to/.coracle.$$" && mv -f -- "$to/.coracle.$$" "$to/coracle" ||
        { rm -f -- "$to/.coracle.$$"; fail "cannot write $to/coracle"; }
    say "$name is $to/coracle (SHA-256 $sum${key:+, signed})"
    case :${PATH:-}: in
        *:"$to":*) ;;
        *) say "$to is not in PATH" ;;
    esac
}

main "$@"
