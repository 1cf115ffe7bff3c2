#!/bin/sh
# Runs as the first process in namespaces of its own: setup.sh ROOT DATA dockerd's options…
set -eu
root=$1
mount --bind "$root" "$root"
mkdir -p "$root/var/lib/docker"
mount --bind "$2" "$root/var/lib/docker"
shift 2
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
echo "nameserver 10.0.2.3" >"$root/etc/resolv.conf" # slirp4netns
ip link set lo up
# No chroot: what enters a container would find itself at the namespace's root, which must not be this machine's.
cd "$root"
pivot_root . mnt
umount --lazy /mnt
exec tini -- dockerd "$@"
