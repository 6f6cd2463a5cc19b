#!/bin/sh
# Sends an OVMCLI script to a Manager, one command a connection, and stops at the first one that does not succeed.
#
#     sh send.sh USER@HOST PORT SCRIPT
#
# ssh asks for the password for each command. To give it once, install sshpass and start with
#     SSHPASS=... SEND_WITH='sshpass -e ssh' sh send.sh ...
set -eu
[ "$#" -eq 3 ] || { echo "usage: sh send.sh USER@HOST PORT SCRIPT" >&2; exit 2; }
if grep -n '\${' "$3" >&2; then
    echo "Put values in the place of the words in braces first; nothing was sent." >&2
    exit 2
fi
number=0
while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    [ -n "$line" ] || continue
    # shellcheck disable=SC2086
    answer=$(${SEND_WITH:-ssh} -n -p "$2" "$1" "$line" | tr -d '\r') || true
    printf '%s\n' "$answer"
    if ! printf '%s\n' "$answer" | grep -q '^Status: Success'; then
        echo "Line $number of $3 did not succeed; the lines after it were not sent." >&2
        exit 1
    fi
done <"$3"
echo "All $number lines of $3 succeeded."
