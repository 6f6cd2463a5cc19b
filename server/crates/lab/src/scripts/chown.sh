#!/bin/sh
# Where a network share maps all owners to one, no other can be set on it.
if [ -e /opt/lab/state/shares-map-owners ]; then
    for file; do :; done
    real=$(readlink -f -- "$file")
    rest=${real#/OVS/Repositories/}
    if grep -q "^${rest%%/*}	nfs	" /opt/lab/state/repositories; then
        echo "chown: changing ownership of \`$file': Operation not permitted" >&2
        exit 1
    fi
fi
exec /usr/bin/chown "$@"
