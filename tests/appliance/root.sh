#!/usr/bin/env bash
# A Debian that boots under qemu, with what the test needs in it: root.sh SUITE MACHINE ROOT PARTS
#
# ROOT is the folder of it, made once and kept. PARTS gets root.img, kernel, initrd, and packages.img of the folder
# packages that is there.
source "$(dirname "$0")/../../.ci/tools.sh"

suite=$1 machine=$2 root=$3 parts=$4
here=tests/appliance/guest

# What a home's computer has, and Python for the test's ear.
packages=systemd,systemd-sysv,dbus,udev,kmod,iproute2,procps,bluez,initramfs-tools,python3,sudo

# One that was made before sudo was needed in it is made anew.
if [ ! -e "$root/usr/bin/sudo" ]; then
    say "making a Debian that boots ($suite, $machine; minutes, once)"
    rm -rf "$root" "$root.part"
    mkdir -p "$(dirname "$root")"
    quietly "debootstrap-booted-$suite-$machine" debootstrap --arch="$machine" --variant=minbase \
        --include="$packages,linux-image-cloud-$machine" "$suite" "$root.part" http://deb.debian.org/debian
    # Only what this computer needs to find its disk: the rest is read from there.
    sed -i 's/^MODULES=.*/MODULES=list/' "$root.part/etc/initramfs-tools/initramfs.conf"
    printf '%s\n' virtio_pci virtio_blk virtio_console virtio_rng >>"$root.part/etc/initramfs-tools/modules"
    quietly initramfs chroot "$root.part" update-initramfs -u -k all
    rm -rf "$root.part"/var/cache/apt/archives/*.deb "$root.part"/var/cache/apt/*.bin "$root.part"/var/lib/apt/lists/*
    # Another household's computer is another computer.
    : >"$root.part/etc/machine-id"
    echo hutch-machine >"$root.part/etc/hostname"
    printf '127.0.0.1 localhost\n127.0.1.1 hutch-machine\n' >"$root.part/etc/hosts"
    mv "$root.part" "$root"
fi

printf '%s\n' '/dev/vda / ext4 defaults 0 1' 'LABEL=PACKAGES /packages ext4 ro 0 0' >"$root/etc/fstab"
mkdir -p "$root/packages"
wants=$root/etc/systemd/system/multi-user.target.wants
mkdir -p "$root/usr/local/lib/hutch-test" "$wants"
cp "$here/ear.py" "$root/usr/local/lib/hutch-test/"
cp "$here/ear.service" "$root/etc/systemd/system/"
cp "$here/lan.network" "$root/etc/systemd/network/"
ln -sf ../ear.service "$wants/"
ln -sf /usr/lib/systemd/system/systemd-networkd.service "$wants/"

cp "$root"/boot/vmlinuz-* "$parts/kernel"
cp "$root"/boot/initrd.img-* "$parts/initrd"
# image FOLDER FILE LABEL SIZE: a disk with what is in the folder.
image() {
    truncate -s "$4" "$2"
    quietly image mkfs.ext4 -q -F -L "$3" -d "$1" "$2"
}
image "$root" "$parts/root.img" root 1536M
image "$parts/packages" "$parts/packages.img" PACKAGES 256M
