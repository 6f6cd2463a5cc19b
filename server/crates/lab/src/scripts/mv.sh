#!/bin/sh
# The `mv` of Enterprise Linux 5 (coreutils 5.97) cannot be told not to replace files.
if [ "$(cat /opt/lab/state/tools)" = el5 ]; then
    for argument; do
        case "$argument" in
        -n | --no-clobber) echo "mv: invalid option -- n" >&2; exit 1 ;;
        --) break ;;
        esac
    done
fi
exec /usr/bin/mv "$@"
