#!/usr/bin/env bash
# build-uml.sh SOURCE BUILD OUT: builds a User-Mode Linux kernel with Bluetooth in it from the source
# of Linux 6.1.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
source=$1 build=$2 out=$3
mkdir -p "$build"
run_make() { make -s -C "$source" ARCH=um O="$build" "$@"; }

run_make allnoconfig >/dev/null
"$source"/scripts/kconfig/merge_config.sh -m -O "$build" "$build/.config" "$here/uml.config" >/dev/null
run_make olddefconfig
for option in HOSTFS OVERLAY_FS UNIX BT_LE BT_HCIVHCI TMPFS_XATTR DEVTMPFS CRYPTO_ECDH; do
    grep -q "^CONFIG_$option=y" "$build/.config" || {
        echo "CONFIG_$option did not take" >&2
        exit 1
    }
done
run_make -j"$(nproc)" linux
strip -o "$out" "$build/linux"
