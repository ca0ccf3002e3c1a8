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
    [ "$3" = "$(id -u)" ] || [ "$3" = 0 ] ||
        fail "$folder belongs to the user with the number $3: run this as that user."
    case $1 in
    d????-??-*) ;;
    d*) fail "$folder can be written by others: delete $programs, and run \`chmod go-w $folder\`." ;;
    *) fail "$folder is no folder: move it away." ;;
    esac
)

packed() { tail -n +@LINES@ "$0"; }

# tar would name each file that has no room; what is said below says it once.
unpack() { tar -xzmf - -C "$unpacking" 2>/dev/null; }

if [ -z "${DATA_DIR:-}" ]; then
    [ -n "${XDG_DATA_HOME:-}${HOME:-}" ] || fail "Set DATA_DIR to the folder for the board's data."
    DATA_DIR=${XDG_DATA_HOME:-$HOME/.local/share}/htmx-fastapi-service
fi
programs=$DATA_DIR/.program
program=$programs/@RELEASE@-@DIGEST@
export DATA_DIR ONE_FILE="$0"
# As in the image: what a password's hash needs goes back at once.
export MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_:-131072}"

mkdir -p "$programs" 2>/dev/null || fail "DATA_DIR=$DATA_DIR can't be written to."
trust "$DATA_DIR" "$DATA_DIR/."
trust "$programs" "$programs"

if [ ! -d "$program" ]; then
    # By starts that were killed; ten minutes ago, so that none is still at it.
    find "$programs" -maxdepth 1 -name 'unpacking.*' -mmin +10 -exec rm -rf {} +
    unpacking=$(mktemp -d "$programs/unpacking.XXXXXX")
    # In two halves at a time: it is the first start's longest wait.
    packed | head -c @HALF@ | unpack &
    first=$!
    { packed | tail -c +$((@HALF@ + 1)) | unpack && wait "$first"; } || {
        wait "$first" || true
        rm -rf "$unpacking"
        fail "$0 can't be unpacked into $programs: the disk is full, or the file is not whole."
    }
    sync -f "$unpacking" 2>/dev/null || true # a power cut must not leave half a program
    mv -T "$unpacking" "$program" 2>/dev/null || rm -rf "$unpacking" # another start was first
fi
[ -x "$program/htmx-fastapi-service" ] ||
    fail "$program can't be run: delete it if it is not whole, or set a DATA_DIR that is not mounted noexec."
exec "$program/htmx-fastapi-service" "$@"
