#!/usr/bin/env bash
# The package in a fresh Debian that is not booted: installed, upgraded, removed, purged.
#
#   packages.sh PACKAGE ROOT
#
# ROOT is a folder with a minimal Debian; it is not changed. Needs root. Its last line counts.
set -euo pipefail

package=$(realpath "$1")
root=$(realpath "$2")
work=$(mktemp -d)
trap 'umount -l "$work/machine/proc" "$work/machine" 2>/dev/null || true; rm -rf "$work"' EXIT

mkdir -p "$work/machine" "$work/changed" "$work/work"
mount -t tmpfs -o mode=755 tmpfs "$work/changed"
mkdir -p "$work/changed/upper" "$work/changed/work"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$work/changed/upper,workdir=$work/changed/work" "$work/machine" ||
    { cp -a "$root/." "$work/machine"; }
mount -t proc proc "$work/machine/proc"
trap 'umount -l "$work/machine/proc" "$work/machine" "$work/changed" 2>/dev/null || true; rm -rf "$work"' EXIT
cp "$package" "$work/machine/hutch.deb"

inside() { chroot "$work/machine" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }

passed=0
failed=0
# claim SENTENCE COMMAND...: what must be true in the machine.
claim() {
    local sentence=$1
    shift
    if inside "$@" >"$work/said" 2>&1; then
        passed=$((passed + 1))
        printf 'ok    %s\n' "$sentence"
    else
        failed=$((failed + 1))
        printf 'FAIL  %s\n' "$sentence"
        sed 's/^/      /' "$work/said"
    fi
}

claim "it installs with nothing but what Debian has there" dpkg --install /hutch.deb
claim "the program runs" hutch --version
claim "its user is there, and nobody can sign in as it" \
    sh -c 'getent passwd hutch | grep -q "^hutch:x:.*:/var/lib/hutch:/usr/sbin/nologin$"'
claim "the units start with the computer" systemctl is-enabled hutch.socket hutch.service hutch-update.service
claim "systemd understands them" systemd-analyze verify --man=no hutch.service hutch.socket hutch-update.service
claim "without a release key it takes no package for a release" \
    sh -c '! hutch update --from /hutch.deb 2>/said && grep -q "built without a release key" /said && rm /said'
claim "D-Bus lets the hub ask for Bluetooth" test -s /usr/share/dbus-1/system.d/hutch.conf
claim "the manual is there" test -s /usr/share/man/man1/hutch.1.gz
claim "the settings are commented out, and read" sh -c '! grep -q "^[^#]" /etc/hutch/hutch.toml && hutch toy scan 2>&1 | grep -q "no hub answers at /run/hutch/control"'

# A family's own settings and voices.
inside sh -c 'echo "name = \"toys.local\"" >>/etc/hutch/hutch.toml
    install -d -m 700 -o hutch -g hutch /var/lib/hutch && echo voice >/var/lib/hutch/hutch.db'
claim "installing it again keeps settings and recordings" \
    sh -c 'dpkg --install /hutch.deb && grep -q toys.local /etc/hutch/hutch.toml && test -s /var/lib/hutch/hutch.db'
claim "removing it takes the program away" sh -c 'dpkg --remove hutch && ! test -e /usr/bin/hutch'
claim "and keeps settings and recordings" \
    sh -c 'grep -q toys.local /etc/hutch/hutch.toml && test -s /var/lib/hutch/hutch.db'
claim "a unit that somebody switched off stays so when it comes back" \
    sh -c 'dpkg --install /hutch.deb && systemctl disable hutch.socket && dpkg --install /hutch.deb &&
        ! systemctl is-enabled hutch.socket'
claim "purging it takes everything away" \
    sh -c 'dpkg --purge hutch && ! test -e /var/lib/hutch && ! test -e /etc/hutch && ! getent passwd hutch'
claim "and no unit is left enabled" \
    sh -c '! find /etc/systemd -name "hutch*" | grep -q .'

printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
