#!/usr/bin/env bash
# Brings a fresh machine to where `make demo` and `make test` run: system packages, a virtual environment
# with torch, the pinned Python packages. Safe to repeat, immediate when nothing changed.
#
#   LEADLINE_VENV    environment to use instead of .venv
#   LEADLINE_PYTHON  interpreter to make .venv from (default python3; 3.10 or newer)
set -euo pipefail
cd "$(dirname "$0")/.."

TORCH=2.13.0
APT_PACKAGES=(g++ make git libeigen3-dev libfmt-dev libboost-dev nlohmann-json3-dev libtomlplusplus-dev
  libxxhash-dev catch2 dataset-fashion-mnist chromium)

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

venv=${LEADLINE_VENV:-.venv}
stamp="$venv/.leadline-setup"
key=$(cat scripts/setup.sh scripts/requirements.txt | sha256sum | cut -d' ' -f1)
[ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$key" ] && exit 0

base_python=${LEADLINE_PYTHON:-python3}
[ -x "$venv/bin/python" ] && base_python="$venv/bin/python"

install_system_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "no apt here; install with your own package manager what CMake asks for: Eigen 3.4, fmt, Boost," \
      "nlohmann-json, toml++, xxHash, Catch2, and Fashion-MNIST and chromium for the demo and browser tests"
    return
  fi
  local missing=() package wanted=("${APT_PACKAGES[@]}")
  command -v "$base_python" >/dev/null || wanted+=(python3)
  # Only the system's interpreter splits its headers and venv off into packages.
  case "$(command -v "$base_python" || echo /usr/bin/python3)" in
    /usr/bin/*) wanted+=(python3-venv python3-dev) ;;
  esac
  for package in "${wanted[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "expected the packages ${missing[*]}, got neither root nor sudo to install them" \
      "(ask an administrator for: apt-get install ${missing[*]})"
    root=(sudo)
  fi
  say "installing ${missing[*]}"
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

make_environment() {
  "$base_python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
    die "expected Python 3.10 or newer, got $("$base_python" --version 2>&1) (set LEADLINE_PYTHON)"
  if [ ! -x "$venv/bin/python" ]; then
    say "making the environment $venv"
    "$base_python" -m venv "$venv"
  fi
}

torch_version() {
  "$venv/bin/python" -c 'import importlib.metadata as m; print(m.version("torch"))' 2>/dev/null || true
}

install_python_packages() {
  local pip=("$venv/bin/python" -m pip --disable-pip-version-check install --quiet) before
  # First and alone: any package that asks for "torch" would otherwise choose its version and build.
  case "$(torch_version)" in
    "$TORCH" | "$TORCH"+*) ;;
    *) say "installing torch $TORCH"; "${pip[@]}" "torch==$TORCH" ;;
  esac
  before=$(torch_version)
  say "installing Python packages"
  "${pip[@]}" -r scripts/requirements.txt
  [ "$(torch_version)" = "$before" ] ||
    die "expected torch to stay $before, got $(torch_version) (a line of scripts/requirements.txt moved it)"
}

install_system_packages
make_environment
install_python_packages
printf '%s' "$key" >"$stamp"
say "ready: $("$venv/bin/python" --version), torch $(torch_version)"
