#!/bin/sh
# Installs what rtlbench needs beside Python packages, where apt is the package manager.
# With other systems install the same tools by hand, or go by pip alone: docs/install.md.
set -eu

wanted=""
need() { # need PROGRAM PACKAGE
    command -v "$1" >/dev/null 2>&1 || wanted="$wanted $2"
}
need iverilog iverilog
need bwrap bubblewrap
need g++ g++
need make make
python=${PYTHON:-python3}
"$python" -c 'import venv, ensurepip' >/dev/null 2>&1 || wanted="$wanted python3-venv"
# cocotb loads Python as a shared library, which Debian packages apart.
"$python" - <<'PY' >/dev/null 2>&1 || wanted="$wanted libpython3-dev"
import ctypes, sys, sysconfig, pathlib
name = sysconfig.get_config_var("INSTSONAME")
folders = [sysconfig.get_config_var("LIBDIR"), "/usr/lib/" + (sysconfig.get_config_var("MULTIARCH") or "")]
sys.exit(0 if any((pathlib.Path(f) / name).exists() for f in folders if f) else 1)
PY

[ -z "$wanted" ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "rtlbench: please install:$wanted (or see docs/install.md for the route with pip alone)" >&2
    exit 0
fi
sudo=""
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "rtlbench: not root and no sudo; please have installed:$wanted" >&2
        exit 1
    fi
    sudo=sudo
fi
$sudo apt-get update -qq
# shellcheck disable=SC2086  # a list of packages
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $wanted
