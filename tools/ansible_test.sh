#!/usr/bin/env bash
# Run `ansible-test sanity`, and `ansible-test units` where it differs from pytest: on what git knows of this checkout (with changes that
# are not yet committed).
# Usage: ansible_test.sh [sanity|units] [ARGUMENT...]
#
# ansible-test wants to be started inside ansible_collections/NAMESPACE/NAME and makes virtual environments of its own. It would fetch
# a script that installs pip into them; Python's own `ensurepip` does the same without a download.
set -euo pipefail
cd "$(dirname "$0")/.."

tree=.cache/sanity/ansible_collections/lvs/cluster
tools/tree.sh "$tree"

mkdir -p "$HOME/.ansible/test/cache"
# The name that ansible-test looks for carries the version of pip that it pins.
version=$(python - <<'END'
import re, pathlib, ansible_test
source = (pathlib.Path(ansible_test.__file__).parent / "_internal/python_requirements.py").read_text()
print(re.search(r"pip='([0-9.]+)'", source).group(1).replace(".", "_"))
END
)
script=$HOME/.ansible/test/cache/get_pip_$version.py
cat >"$script" <<'END'
import ensurepip, os, runpy, sys
ensurepip.bootstrap()
# It hides pip's configuration from itself.
os.environ.pop("PIP_CONFIG_FILE", None)
sys.argv[1:] = ["install", "--disable-pip-version-check", *[word for word in sys.argv[1:] if not word.startswith("--no-")]]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
END

# Shims of pyenv claim to be every version of Python, also those that are not there. A version that is missing is left out instead.
PATH=$(printf '%s' "$PATH" | tr ':' '\n' | grep -v '/shims$' | paste -sd:)
export PATH

cd "$tree"
git init --quiet . && git add --all

case "${1:-}" in
    sanity | units) only=$1; shift ;;
    *) only="" ;;
esac
[ "$only" = units ] || ansible-test sanity --venv --color yes "$@"
# Those of roles, documentation and archive run Ansible and tools of the project, which that environment does not have.
python=$(python -c 'import sys; print("{}.{}".format(*sys.version_info))')
[ "$only" = sanity ] || ansible-test units --venv --python "$python" --color yes "$@" tests/unit/plugins/
