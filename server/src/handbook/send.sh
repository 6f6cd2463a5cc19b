#!/bin/sh
# Sends an OVMCLI script to a Manager, one command a connection, and stops at the first one that does not succeed or that
# still holds a word in braces, whose value only a person knows. Started again with the number of that line, it goes on.
#
#     sh send.sh USER@HOST PORT SCRIPT [FIRST_LINE]
#
# ssh asks for the password for each command. To give it once, install sshpass and start with
#     SSHPASS=... SEND_WITH='sshpass -e ssh' sh send.sh ...
set -eu
[ "$#" -eq 3 ] || [ "$#" -eq 4 ] || { echo "usage: sh send.sh USER@HOST PORT SCRIPT [FIRST_LINE]" >&2; exit 2; }
first=${4:-1}
number=0
while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    [ -n "$line" ] && [ "$number" -ge "$first" ] || continue
    case $line in
        *'${'*)
            printf '%s\n' "$line" >&2
            echo "Put values in the place of the words in braces in line $number of $3, then go on with: $number" >&2
            exit 3
            ;;
    esac
    # shellcheck disable=SC2086
    answer=$(${SEND_WITH:-ssh} -n -p "$2" "$1" "$line" | tr -d '\r') || true
    printf '%s\n' "$answer"
    if ! printf '%s\n' "$answer" | grep -q '^Status: Success'; then
        echo "Line $number of $3 did not succeed; the lines after it were not sent." >&2
        echo "Look whether it took effect; then go on with its number or the next one." >&2
        exit 1
    fi
done <"$3"
echo "All lines of $3 from $first on succeeded."
