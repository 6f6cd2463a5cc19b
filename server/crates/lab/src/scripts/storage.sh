#!/bin/sh
# How the storage of repositories is made and mounted, with the lab's directory as working directory. `storage` becomes
# `copy` where file systems that can reflink are impossible.
storage=reflink

wait_until_detached() {
    tries=100
    while [ -n "$(losetup --associated "$1" 2>/dev/null)" ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { echo "$1 is still attached to a loop device" >&2; exit 1; }
        sleep 0.1
    done
}

# ocfs2 <id> <bytes>: a file system of its own that can reflink; a plain directory where loop mounts are impossible.
ocfs2() {
    mkdir -p "mnt/$1"
    if [ -e "images/$1.img" ]; then
        wait_until_detached "images/$1.img"
        mount -o loop "images/$1.img" "mnt/$1"
    elif [ -d "plain/$1" ]; then
        storage=copy
        mount --bind "plain/$1" "mnt/$1"
    elif truncate -s "$2" "images/$1.new" && mkfs.xfs -q -f -m reflink=1 "images/$1.new" 2>images/error \
        && mount -o loop "images/$1.new" "mnt/$1" 2>>images/error; then
        mv "images/$1.new" "images/$1.img"
    else
        rm -f "images/$1.new"
        storage=copy
        mkdir -p "plain/$1"
        mount --bind "plain/$1" "mnt/$1"
    fi
}

# nfs <id>: a plain directory, as a server sees an export.
nfs() {
    mkdir -p "plain/$1" "mnt/$1"
    mount --bind "plain/$1" "mnt/$1"
}

