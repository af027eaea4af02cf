"""Fail when libleadline needs a shared library other than the C and C++ run-time.

Usage: check_needed.py LIBRARY

Reads the NEEDED entries with readelf and, because a linker may drop an entry whose symbols stay
undefined, asks that `ldd -r` finds every symbol.
"""

from __future__ import annotations

import re
import subprocess
import sys

ALLOWED = re.compile(
    r"^(libstdc\+\+|libc\+\+|libc\+\+abi|libm|libc|libgcc_s|libpthread|ld-linux.*)\.so"
)


def main(library: str) -> int:
    dynamic = subprocess.run(
        ["readelf", "-d", library], capture_output=True, text=True, check=True
    ).stdout
    needed = re.findall(r"\(NEEDED\).*\[(.+?)\]", dynamic)
    foreign = [name for name in needed if not ALLOWED.match(name)]
    loader = subprocess.run(["ldd", "-r", library], capture_output=True, text=True, check=True)
    undefined = re.findall(r"undefined symbol: (\S+)", loader.stdout + loader.stderr)
    for name in foreign:
        print(
            f"{library}: expected the C++ run-time only, needs {name} (use its headers, or move the user to another target)"
        )
    for symbol in undefined:
        print(f"{library}: undefined symbol {symbol}")
    print(f"{library} needs: {', '.join(needed)}")
    return 1 if foreign or undefined or not needed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
