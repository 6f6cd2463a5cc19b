#!/bin/sh
# Stand-in for the agent's lock tool: `ovs-agent-dlm --lock|--unlock --uuid <VM id>`. A lock is a file that all servers of
# the pool share; a running virtual machine is locked by its server.
action=
uuid=
while [ $# -gt 0 ]; do
    case "$1" in
    --lock | --unlock) action=${1#--} ;;
    --uuid) shift; uuid=${1:-} ;;
    --uuid=*) uuid=${1#--uuid=} ;;
    *) echo "ovs-agent-dlm: error: no such option: $1" >&2; exit 2 ;;
    esac
    [ $# -eq 0 ] || shift
done
case "$uuid" in
'' | */* | .*) echo "ovs-agent-dlm: error: --uuid is required" >&2; exit 2 ;;
esac
if [ "$(cat /opt/lab/state/cluster)" != yes ]; then
    echo "Traceback (most recent call last):" >&2
    echo "OSError: [Errno 2] No such file or directory: '/sys/kernel/config/cluster'" >&2
    exit 1
fi
case "$action" in
lock)
    if grep -q -x -e "$uuid" /opt/lab/state/running; then
        echo "Lock $uuid failed: the resource is held by a running virtual machine" >&2
        exit 1
    fi
    (set -C && cat /etc/hostname >"/opt/lab/dlm/$uuid") 2>/dev/null ||
        { echo "Lock $uuid failed: the resource is busy" >&2; exit 1; }
    ;;
unlock)
    rm "/opt/lab/dlm/$uuid" 2>/dev/null || { echo "Unlock $uuid failed: the resource is not locked" >&2; exit 1; }
    ;;
*)
    echo "ovs-agent-dlm: error: --lock or --unlock is required" >&2
    exit 2
    ;;
esac
