#!/bin/sh
# Put what git knows of this checkout, with changes that are not yet committed, into a folder, which is made anew.
# Usage: tree.sh FOLDER
set -eu
cd "$(dirname "$0")/.."
rm -rf "$1"
mkdir -p "$1"
# A file that is deleted and not yet committed is still in git's list.
git ls-files --cached --others --exclude-standard -z | xargs -0 sh -c 'for file; do [ -e "$file" ] && printf "%s\0" "$file"; done' list |
    tar --create --null --files-from=- | tar --extract --directory="$1"
