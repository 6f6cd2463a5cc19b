#!/bin/sh
# Stand-in for Xen's `xm`: lists the domains that the Manager says run on this server.
state=/opt/lab/state/domains
row='%-40s %5s %5s %5s %10s %8s\n'
case "${1:-}" in
list)
    case "${2:-}" in
    -*) echo "xm: this lab knows only 'xm list' and 'xm list <domain>'" >&2; exit 2 ;;
    '') ;;
    *)
        grep -q "^$2	" "$state" || { echo "Error: Domain '$2' does not exist." >&2; exit 1; }
        ;;
    esac
    # shellcheck disable=SC2059
    printf "$row" Name ID Mem VCPUs State 'Time(s)'
    while IFS='	' read -r name id memory cpus flags seconds; do
        # shellcheck disable=SC2059
        [ -n "${2:-}" ] && [ "$2" != "$name" ] || printf "$row" "$name" "$id" "$memory" "$cpus" "$flags" "$seconds"
    done <"$state"
    ;;
*)
    echo "xm: this lab knows only 'xm list' and 'xm list <domain>'" >&2
    exit 2
    ;;
esac
