#!/usr/bin/env bash
# Gets what the guest needs: packages, a kernel, the Python of the toys; then tries whether it starts.
# When it fails, the last line on stderr says why.
#   HUTCH_UML_KERNEL=FILE    takes this kernel, instead of building one for minutes
#   HUTCH_LINUX_SOURCE=FILE  builds it from this linux-6.1.*.tar.xz, where apt has none
source "$(dirname "$0")/../../../.ci/tools.sh"
here=tests/bluez/guest
source "$here/env.sh"

[ "$(uname -m)" = x86_64 ] || stop "User-Mode Linux runs on x86_64 alone, and this is $(uname -m)"
mkdir -p "$guest_cache"

need bluetoothctl bluez
need dbus-daemon dbus
need perl perl
[ -x /bin/busybox ] || apt_install busybox-static
need_python_venv "the toys' Python" "$guest_venv" "$here/requirements.txt"

has_bluetooth() { "$1" --showconfig 2>/dev/null | grep -q '^CONFIG_BT_HCIVHCI=y'; }

# build_kernel OUT
build_kernel() {
    need cc gcc libc6-dev
    need make make
    need flex flex
    need bison bison
    need bc bc
    need xz xz-utils
    work=$(mktemp -d "$guest_cache/build.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    local tarball=${HUTCH_LINUX_SOURCE:-}
    if [ -z "$tarball" ]; then
        have apt-get || stop "this machine has no apt-get: please name a linux-6.1.*.tar.xz in HUTCH_LINUX_SOURCE"
        [ -n "$(apt_candidate linux-source-6.1)" ] || apt_lists
        [ -n "$(apt_candidate linux-source-6.1)" ] || stop "there is no package linux-source-6.1 here, which Debian 12" \
            "has: please name a linux-6.1.*.tar.xz in HUTCH_LINUX_SOURCE"
        say "downloading the source of Linux 6.1 (140 MB)"
        (
            cd "$work"
            quietly linux-source apt-get download --quiet linux-source-6.1
            dpkg-deb --fsys-tarfile ./linux-source-6.1_*.deb | tar -x ./usr/src/linux-source-6.1.tar.xz
        )
        tarball=$work/usr/src/linux-source-6.1.tar.xz
    fi
    mkdir "$work/source"
    tar -xf "$tarball" -C "$work/source" --strip-components=1
    say "building the guest's kernel (minutes, once)"
    quietly linux "$here/build-uml.sh" "$work/source" "$work/out" "$work/linux.uml"
    mv "$work/linux.uml" "$1"
}

if [ -n "${HUTCH_UML_KERNEL:-}" ]; then
    has_bluetooth "$HUTCH_UML_KERNEL" ||
        stop "HUTCH_UML_KERNEL=$HUTCH_UML_KERNEL is no User-Mode Linux kernel with CONFIG_BT_HCIVHCI"
else
    key=$(cat "$here/uml.config" "$here/build-uml.sh" <(echo "${HUTCH_LINUX_SOURCE:-}") | sha256sum | cut -c 1-16)
    kernel=$guest_cache/linux-$key.uml
    [ -x "$kernel" ] || build_kernel "$kernel"
    ln -sfn "$kernel" "$guest_cache/linux.uml"
fi

GUEST_DIR=$cache/logs/guest "$here/run-in-uml.sh" -e GUEST_BLUETOOTHD=0 true >"$cache/logs/guest.log" 2>&1 ||
    stop "the guest does not start here: $(tail -n 1 "$cache/logs/guest.log")"
