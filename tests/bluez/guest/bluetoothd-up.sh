#!/usr/bin/env bash
# In the guest: starts bluetoothd, and returns when it is on the bus. Its process is in /run/bluetoothd.pid.
set -uo pipefail

for program in /usr/libexec/bluetooth/bluetoothd /usr/lib/bluetooth/bluetoothd; do
    [ ! -x "$program" ] || break
done
"$program" -n >>/vmio/bluetoothd.log 2>&1 </dev/null &
echo "$!" >/run/bluetoothd.pid

for _ in $(seq 200); do
    ! dbus-send --system --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
        string:org.bluez 2>/dev/null | grep -q true || exit 0
    sleep 0.05
done
echo "bluetoothd did not come up:" >&2
tail -n 20 /vmio/bluetoothd.log >&2
exit 1
