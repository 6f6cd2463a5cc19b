#!/bin/sh
# Stand-in for OCFS2's `reflink [-P] [--backup=CONTROL] SOURCE TARGET`: within one OCFS2 repository only, and never over
# an existing file.
while :; do
    case "${1:-}" in
    -P | -f | --backup=*) shift ;;
    -*) echo "reflink: invalid option -- '$1'" >&2; exit 1 ;;
    *) break ;;
    esac
done
[ $# -eq 2 ] || { echo "reflink: missing file operand" >&2; exit 1; }
source=$(readlink -e -- "$1") || { echo "reflink: cannot access '$1': No such file or directory" >&2; exit 1; }
target=$2
[ ! -d "$target" ] || target=$target/${source##*/}
directory=$(readlink -e -- "$(dirname -- "$target")") ||
    { echo "reflink: cannot create '$target': No such file or directory" >&2; exit 1; }
[ ! -e "$target" ] || { echo "reflink: failed to reflink '$1' to '$target': File exists" >&2; exit 1; }

repository() {
    case "$1/" in
    /OVS/Repositories/*) rest=${1#/OVS/Repositories/}; echo "${rest%%/*}" ;;
    esac
}
from=$(repository "$source")
to=$(repository "$directory")
[ -n "$from" ] && grep -q "^$from	ocfs2	" /opt/lab/state/repositories ||
    { echo "reflink: failed to reflink '$1' to '$target': Operation not supported" >&2; exit 1; }
[ "$from" = "$to" ] ||
    { echo "reflink: failed to reflink '$1' to '$target': Invalid cross-device link" >&2; exit 1; }
if grep -q "^$from	ocfs2	reflink" /opt/lab/state/repositories; then
    exec /usr/bin/cp --reflink=always --preserve=all -- "$source" "$target"
fi
exec /usr/bin/cp --sparse=always --preserve=all -- "$source" "$target"
