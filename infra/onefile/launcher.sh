#!/bin/sh
# HTMX-FastAPI Service @RELEASE@. Behind these lines is the whole program: it is unpacked once, into
# the data folder, and runs from there.
set -eu
umask 077

fail() {
    echo "Error: $*" >&2
    exit 1
}

# Refuses a folder in which somebody else could plant a program.
trust() (
    folder=$1
    set -f # the folder's name may hold a *
    set -- $(LC_ALL=C ls -ldn "$2")
    [ "$3" = "$(id -u)" ] || [ "$3" = 0 ] || fail "$folder belongs to somebody else: set another DATA_DIR."
    case $1 in
    d????-??-*) ;;
    d*) fail "$folder can be written by others: run \`chmod go-w $folder\`, or set another DATA_DIR." ;;
    *) fail "$folder is no folder: move it away." ;;
    esac
)

if [ -z "${DATA_DIR:-}" ]; then
    [ -n "${XDG_DATA_HOME:-}${HOME:-}" ] || fail "Set DATA_DIR to the folder for the board's data."
    DATA_DIR=${XDG_DATA_HOME:-$HOME/.local/share}/htmx-fastapi-service
fi
programs=$DATA_DIR/.program
program=$programs/@RELEASE@-@DIGEST@
export DATA_DIR ONE_FILE="$0"

mkdir -p "$programs" 2>/dev/null || fail "DATA_DIR=$DATA_DIR can't be written to."
trust "$DATA_DIR" "$DATA_DIR/."
trust "$programs" "$programs"

if [ ! -d "$program" ]; then
    for left in "$programs"/unpacking.*; do # by starts that were killed
        kill -0 "${left##*.}" 2>/dev/null || rm -rf "$left"
    done
    unpacking=$programs/unpacking.$$
    mkdir "$unpacking"
    tail -n +@LINES@ "$0" | tar -xzmf - -C "$unpacking" || {
        rm -rf "$unpacking"
        fail "$0 can't be unpacked into $programs: the disk is full, or the file is not whole."
    }
    sync -f "$unpacking" 2>/dev/null || true # a power cut must not leave half a program
    mv -T "$unpacking" "$program" 2>/dev/null || rm -rf "$unpacking" # another start was first
fi
exec "$program/htmx-fastapi-service" "$@"
