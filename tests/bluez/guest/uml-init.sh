#!/bin/bash
# The guest's first process. Its root is the host's, to be read alone: lays memory over it and moves in.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
in_box() { /bin/busybox "$@"; }

in_box mount -t proc proc /proc
in_box mount -t tmpfs -o mode=755,size=70% tmpfs /mnt
in_box mkdir -p /mnt/upper /mnt/work /mnt/root
in_box mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root
cd /mnt/root || exit 1
in_box mkdir -p proc sys dev run tmp vmio
in_box mount -t proc proc proc
in_box mount -t sysfs sys sys
in_box mount -t devtmpfs dev dev
in_box mkdir -p dev/pts dev/shm
in_box mount -t devpts -o mode=620,ptmxmode=666 devpts dev/pts
in_box mount -t tmpfs -o mode=1777 tmpfs dev/shm
in_box mount -t tmpfs -o mode=755 tmpfs run
# VMIO comes from the kernel's command line.
in_box mount -t hostfs -o "$VMIO" none vmio
in_box stty raw -echo <dev/tty1
exec /bin/busybox chroot /mnt/root /bin/bash /vmio/guest-init.sh
