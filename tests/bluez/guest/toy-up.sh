#!/usr/bin/env bash
# In the guest: toy-up.sh [--toy JSON]...: starts the toys, and returns when each advertises and the
# adapter is powered. They take requests at /run/toy.sock; their process is in /run/toy.pid, and with it
# the adapter hci0 goes.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
source "$here/env.sh"

rm -f /run/toy.ready /run/toy.sock
PYTHONDONTWRITEBYTECODE=1 "$guest_venv/bin/python" "$here/toy" --control /run/toy.sock --ready /run/toy.ready "$@" \
    >>/vmio/toy.log 2>&1 </dev/null &
toy=$!
echo "$toy" >/run/toy.pid

is_powered() {
    dbus-send --system --print-reply --dest=org.bluez /org/bluez/hci0 org.freedesktop.DBus.Properties.Get \
        string:org.bluez.Adapter1 string:Powered 2>/dev/null | grep -q 'boolean true'
}

for _ in $(seq 400); do
    ! { [ -e /run/toy.ready ] && is_powered; } || exit 0
    kill -0 "$toy" 2>/dev/null || break
    sleep 0.05
done
echo "the toys did not come up:" >&2
tail -n 20 /vmio/toy.log >&2
exit 1
