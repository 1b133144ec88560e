#!/usr/bin/env bash
# run-in-uml.sh [-e NAME=VALUE]... COMMAND...: boots the guest with the system bus and bluetoothd, runs
# the command there as root in the current folder, and passes on its output and exit status; 125 when
# it is the guest that failed. One word is taken as a line of shell.
#
# The guest sees the files of this machine as they are, below an overlay in memory that vanishes with it; only what
# it writes to /vmio stays, which is GUEST_DIR here. It has no network and none of this environment.
#   GUEST_DIR=DIR  has bluetoothd.log, toy.log, console.log and timeline afterwards
#   GUEST_TIMEOUT=600 s, GUEST_MEMORY=2048 MiB, of which what is used is taken
#   GUEST_SHM=DIR  holds that memory; a tmpfs is best
# In the guest, with -e: GUEST_BLUETOOTHD=0 starts none, GUEST_BTMON=1 writes btsnoop.log.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
source "$here/env.sh"

give_up() {
    printf '%s\n' "$*" >&2
    exit 125
}

# The memory is a file that is mapped to be executed, and not every folder allows that.
holds_memory() {
    local try
    [ "$(df --output=avail -k "$1" 2>/dev/null | tail -n 1)" -ge 700000 ] || return 1
    try=$(mktemp "$1/hutch.XXXXXX") || return 1
    cp /bin/true "$try" && chmod 700 "$try" && "$try"
    local is_good=$?
    rm -f "$try"
    return "$is_good"
} 2>/dev/null

[ -x "$guest_kernel" ] || give_up "there is no kernel at $guest_kernel: $here/setup.sh builds it"
dir=${GUEST_DIR:-$(mktemp -d "${TMPDIR:-/tmp}/guest.XXXXXX")}
mkdir -p "$dir" && dir=$(cd "$dir" && pwd) || exit 125
for memory in "${GUEST_SHM:-/dev/shm}" "${TMPDIR:-/tmp}" "$guest_cache" ""; do
    [ -n "$memory" ] || give_up "neither /dev/shm nor ${TMPDIR:-/tmp} has 700 MB for the guest's memory"
    ! holds_memory "$memory" || break
done

{
    printf 'export HUTCH_GUEST=%q HUTCH_GUEST_CACHE=%q\n' "$here" "$guest_cache"
    while [ $# -gt 0 ] && [ "$1" = -e ]; do
        printf 'export %s=%q\n' "${2%%=*}" "${2#*=}"
        shift 2
    done
    printf 'cd %q\n' "$PWD"
} >"$dir/env"
if [ $# -eq 1 ]; then printf '%s\n' "$1"; else printf '%q ' "$@"; fi >"$dir/command"
date +%s.%N >"$dir/now"
head -c 32 /dev/urandom >"$dir/seed"
rm -f "$dir"/{status,timeline,bluetoothd.log,toy.log}
cp "$here/uml-init.sh" "$here/guest-init.sh" "$dir/"

# Its console 0 has the messages of the kernel, 1 the output of the command.
TMPDIR=$memory timeout -k 5 "${GUEST_TIMEOUT:-600}" "$guest_kernel" mem="${GUEST_MEMORY:-2048}M" umid="hutch$$" \
    rootfstype=hostfs rootflags=/ ro quiet init="$dir/uml-init.sh" VMIO="$dir" \
    con=null ssl=null con0=null,fd:3 con1=null,fd:4 \
    </dev/null 3>"$dir/console.log" 4>&1 >>"$dir/console.log" 2>&1
ended=$?
status=$(cat "$dir/status" 2>/dev/null)
if [ -z "$status" ]; then
    tail -n 20 "$dir/console.log" >&2
    [ "$ended" != 124 ] || give_up "the guest took longer than ${GUEST_TIMEOUT:-600} s"
    give_up "the guest ended with $ended: $(grep . "$dir/console.log" | tail -n 1)"
fi
[ -n "${GUEST_DIR:-}" ] || rm -rf "$dir"
exit "$status"
