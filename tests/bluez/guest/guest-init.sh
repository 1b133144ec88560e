#!/bin/bash
# The guest's first process, once it is in the overlay: the system bus, bluetoothd, the command.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
mark() { echo "$(cut -d ' ' -f 1 /proc/uptime) $*" >>/vmio/timeline; }

cd /
exec >/dev/tty1 2>&1 </dev/null
date -s "@$(cat /vmio/now)" >/dev/null
hostname guest
# The guest hears no noise to make random numbers of, so for half a minute there would be none: the ioctl
# RNDADDENTROPY believes what this machine has for it.
perl -e 'open(my $from, "<", "/vmio/seed"); read($from, my $seed, 32); open(my $pool, ">", "/dev/random");
    ioctl($pool, 0x40085203, pack("l2 a32", 256, 32, $seed)) or die "no random numbers: $!\n"'
/bin/busybox ip link set lo up
mkdir -p /run/dbus /run/lock /var/lib/bluetooth
# Whatever devices this machine knows are none of the guest's.
/bin/busybox mount -t tmpfs -o mode=700 tmpfs /var/lib/bluetooth
mark userspace
# shellcheck disable=SC1091
source /vmio/env
"$HUTCH_GUEST/bus-up.sh"
mark bus
if [ "${GUEST_BTMON:-0}" = 1 ]; then
    btmon -w /vmio/btsnoop.log >/dev/null 2>&1 &
    sleep 0.3
fi
if [ "${GUEST_BLUETOOTHD:-1}" = 1 ]; then
    "$HUTCH_GUEST/bluetoothd-up.sh"
    mark bluetoothd
fi
bash /vmio/command
status=$?
mark "the end"
echo "$status" >/vmio/status
sync
exec >/dev/null 2>&1
exec /bin/busybox poweroff -f
