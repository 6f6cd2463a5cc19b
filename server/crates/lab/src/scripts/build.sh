# Runs as the first process of the lab's own mount and process namespaces. Builds the storage and the file systems of
# the servers below the directory $1 as its file `layout` says, reports "ready reflink" or "ready copy", and then
# lives as `cat` for as long as the lab holds the other end of its standard input. When it dies, the kernel ends
# every process of the servers and drops every mount and loop device.
set -eu
cd "$1"

# server <name>: a root with the machine's own programs, read-only, and everything else of its own.
server() {
    root="servers/$1/root"
    mkdir -p "$root/usr" "$root/proc" "$root/dev" "$root/tmp" "$root/root" "$root/var/log" "$root/var/tmp" \
        "$root/OVS/Repositories" "$root/opt/lab/bin" "$root/opt/lab/state" "$root/opt/lab/dlm" "$root/run"
    chmod 1777 "$root/tmp" "$root/var/tmp"
    mount --bind /usr "$root/usr"
    mount -o remount,bind,ro "$root/usr"
    for name in bin sbin lib lib32 lib64 libx32; do
        if [ -L "/$name" ]; then
            ln -sfn "usr/$name" "$root/$name"
        elif [ -d "/$name" ]; then
            mkdir -p "$root/$name"
            mount --bind "/$name" "$root/$name"
        fi
    done
    for name in alternatives ld.so.cache mke2fs.conf; do
        [ ! -e "/etc/$name" ] || [ -e "$root/etc/$name" ] || cp -a "/etc/$name" "$root/etc/$name"
    done
    mount -t proc proc "$root/proc"
    mount -t tmpfs -o mode=755,size=1m dev "$root/dev"
    mknod -m 666 "$root/dev/null" c 1 3
    mknod -m 666 "$root/dev/zero" c 1 5
    mknod -m 666 "$root/dev/full" c 1 7
    mknod -m 666 "$root/dev/random" c 1 8
    mknod -m 666 "$root/dev/urandom" c 1 9
    ln -s /proc/self/fd "$root/dev/fd"
    ln -s fd/0 "$root/dev/stdin"
    ln -s fd/1 "$root/dev/stdout"
    ln -s fd/2 "$root/dev/stderr"
    mkdir "$root/dev/mapper"
    mount --bind dlm "$root/opt/lab/dlm"
}

# without <server> <program>: the server does not have a program that this machine has.
without() {
    [ ! -e "servers/$1/root/usr/bin/$2" ] || mount --bind /dev/null "servers/$1/root/usr/bin/$2"
}

# present <server> <id>: the repository appears on the server.
present() {
    mkdir -p "servers/$1/root/OVS/Repositories/$2"
    mount --bind "mnt/$2" "servers/$1/root/OVS/Repositories/$2"
}

# lun <wwid> <servers...>: a block device under its WWID on every server; a plain file where loop devices are
# impossible. A sleeping process keeps the device alive after its lazy detach, so that it ends with the namespace.
lun() {
    wwid="$1"
    shift
    wait_until_detached "luns/$wwid"
    if device=$(losetup --find --show "luns/$wwid" 2>/dev/null); then
        exec 3<"$device"
        losetup --detach "$device"
        sleep infinity >/dev/null 2>&1 &
        exec 3<&-
        for name in "$@"; do
            mknod -m 660 "servers/$name/root/dev/mapper/$wwid" b 7 "${device#/dev/loop}"
        done
    else
        for name in "$@"; do
            : >"servers/$name/root/dev/mapper/$wwid"
            mount --bind "luns/$wwid" "servers/$name/root/dev/mapper/$wwid"
        done
    fi
}

mkdir -p images plain mnt luns dlm
. ./layout
echo "ready $storage"
exec cat
