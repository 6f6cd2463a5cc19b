#!/bin/sh
# The `filefrag` of Enterprise Linux 6 (e2fsprogs 1.41) and, where the release says so, of 5 (1.39, which knows no `-s`). On
# a network share 1.41 can ask for neither extents nor blocks, complains on standard error only, and ends as if all was well.
if [ "$(cat /opt/lab/state/tools)" = el5 ]; then
    for argument; do
        case "$argument" in
        -v) ;;
        -*) echo "filefrag: invalid option -- ${argument#-}" >&2; echo "Usage: filefrag [-v] file ..." >&2; exit 1 ;;
        esac
    done
fi
for file; do :; done
real=$(readlink -e -- "$file") || { echo "open: No such file or directory" >&2; exit 1; }
rest=${real#/OVS/Repositories/}
if grep -q "^${rest%%/*}	nfs	" /opt/lab/state/repositories; then
    size=$(stat -c %s -- "$real")
    echo "Filesystem type is: 6969"
    echo "File size of $file is $size ($(((size + 4095) / 4096)) blocks, blocksize 4096)"
    echo "FIBMAP: Invalid argument" >&2
    echo "$file: 1 extent found"
    exit 0
fi
output=$(/usr/sbin/filefrag "$@") || exit 1
printf '%s\n' "$output" | awk '
    /^File size of / { sub(/ blocks? of /, " blocks, blocksize "); sub(/ bytes\)$/, ")"); print; next }
    /^ *ext:/ { print " ext logical physical expected length flags"; next }
    /^ *[0-9]+:.*\.\./ {
        gsub(/:|\.\./, " ")
        split($0, field, " ")
        at = 7
        expected = ""
        if (field[7] ~ /^[0-9]+$/) { expected = field[7]; at = 8 }
        printf "%4d %7d %8d %8s %6d %s\n", field[1], field[2], field[4], expected, field[6], field[at]
        next
    }
    { print }'
