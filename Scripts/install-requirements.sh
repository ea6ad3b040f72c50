#!/bin/sh
# Installs through apt what Longwave is built with, where it is missing. Does nothing, and needs
# no rights, if everything is there.
set -eu

say() { printf '%s\n' "$*" >&2; }

if ! command -v "${SWIFT:-swift}" >/dev/null 2>&1; then
  say "Longwave needs Swift 6.3 or later, and there is no '${SWIFT:-swift}' on the path."
  say "See https://www.swift.org/install/linux/ for how to install it."
  exit 1
fi

if ! command -v dpkg >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
  if command -v pkg-config >/dev/null 2>&1 && pkg-config --exists fftw3f libzip cairo; then
    exit 0
  fi
  say "This system has no apt, so nothing was installed. Longwave needs, with their headers:"
  say "  FFTW 3 in single and double precision, oneDNN (libdnnl), HDF5 1.10 or later, liblzf,"
  say "  libzip, zlib, LAPACKE with a BLAS, cairo, a sans-serif font, pkg-config, git, a C++ library."
  say "Install them with your own package manager, then run this command again."
  exit 1
fi

# Whether a package is installed.
has() { dpkg -s "$1" 2>/dev/null | grep -q '^Status: .* installed$'; }

missing=
for package in libfftw3-dev libdnnl-dev libhdf5-dev liblzf-dev libzip-dev zlib1g-dev \
  libcairo2-dev liblapacke-dev pkg-config git ca-certificates binutils libc6-dev tzdata
do
  has "$package" || missing="$missing $package"
done
# Swift links against the C++ library of whichever GCC there is.
if ! dpkg-query -W -f '${Status}\n' 'libstdc++-*-dev' 2>/dev/null | grep -q ' installed$'; then
  missing="$missing libstdc++-12-dev"
fi
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    say "These packages are missing, and there is no sudo to install them. As root, run:"
    say "  apt-get update && apt-get install$missing"
    exit 1
  fi
  as_root=sudo
fi

apt() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@"; }

say "Installing:$missing"
known=yes
for package in $missing; do
  apt-cache show "$package" >/dev/null 2>&1 || known=no
done
[ "$known" = yes ] || apt update
# A list that is too old names files that the archive no longer has.
# The words of $missing are package names, to be split.
# shellcheck disable=SC2086
apt install -y --no-install-recommends $missing || {
  apt update
  apt install -y --no-install-recommends $missing
}
