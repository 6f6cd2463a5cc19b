#!/bin/sh
# The `dd` of Enterprise Linux 6 (coreutils 8.4) cannot write sparsely; that of 5 (5.97) cannot wait for full blocks either.
for argument; do
    case "$argument" in
    conv=*sparse*) echo "dd: invalid conversion: \`sparse'" >&2; exit 1 ;;
    iflag=*fullblock*)
        [ "$(cat /opt/lab/state/tools)" != el5 ] || { echo "dd: invalid input flag: \`fullblock'" >&2; exit 1; }
        ;;
    esac
done
exec /usr/bin/dd "$@"
