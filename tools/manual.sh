#!/usr/bin/env bash
# Build the manual: the repository's Markdown, and the reference that antsibull-docs makes of what `ansible-doc` says. Whatever leads
# nowhere is an error.
# Usage: manual.sh SITE
set -euo pipefail
cd "$(dirname "$0")/.."

site=$PWD/$1
source=$PWD/.cache/manual

tools/tree.sh "$source"
mkdir "$source/reference"
antsibull-docs --config-file docs/antsibull-docs.cfg collection --use-current --squash-hierarchy --fail-on-error \
    --dest-dir "$source/reference" lvs.cluster </dev/null

# From nothing each time: Sphinx does not repeat its warnings for pages that have not changed.
rm -rf "$site"
sphinx-build --quiet --fail-on-warning --keep-going --fresh-env --jobs auto --doctree-dir "$source/.doctrees" -c docs "$source" "$site"
