#!/bin/sh
# Install the distribution's packages that the named part of the work needs; do nothing, at once, when they are there.
# Usage: prerequisites.sh controller|lab|browser
set -eu

case "${1:-}" in
    controller) packages="python3-venv" ;;
    # mmdebstrap and its keyring build the image, dpkg-dev lists the package disk, e2fsprogs makes disks without mounting them,
    # iproute2 makes the namespace and its cards, nc carries ssh into the namespace, gpgv checks what was downloaded.
    lab) packages="mmdebstrap debian-archive-keyring dpkg-dev e2fsprogs iproute2 netcat-openbsd openssh-client util-linux procps gpgv" ;;
    # A browser with what drives it, and letters for pages in Chinese.
    browser) packages="chromium chromium-driver fonts-wqy-zenhei" ;;
    *) echo "usage: $0 controller|lab|browser" >&2; exit 2 ;;
esac

# Another Python than the distribution's brings venv of its own.
if [ "$1" = controller ] && "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null; then
    exit 0
fi

missing=""
for package in $packages; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "These packages are needed, and this machine has no apt-get to install them:$missing. Install their like by hand." >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "These packages are needed:$missing. Run: sudo apt-get install$missing" >&2
    exit 1
fi
echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
# shellcheck disable=SC2086 # one word a package is wanted
apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends $missing
