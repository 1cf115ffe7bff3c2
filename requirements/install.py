"""Makes `.venv` hold what `requirements/NAME.txt` pins; does nothing when it does already.

`python3 requirements/install.py NAME`, on the standard library of any Python 3. A copy of the installed
requirements inside `.venv` says what it holds; one that says nothing is half made and begun anew.
"""

import fcntl
import os
import shutil
import subprocess
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(os.path.dirname(FOLDER), ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
# Requirements that are part of others: what is in dev.txt need not be installed again for base.txt.
CONTAINS = {
    "base": ["base"],
    "otel": ["base", "otel"],
    "dev": ["base", "otel", "dev"],
    "production": ["base", "production"],
}


def pins(name: str) -> str:
    return os.path.join(FOLDER, name + ".txt")


def stamp(name: str) -> str:
    return os.path.join(VENV, "installed-" + name + ".txt")


def installed(name: str) -> bool:
    try:
        with open(pins(name)) as wanted, open(stamp(name)) as found:
            return wanted.read() == found.read()
    except FileNotFoundError:
        return False


def works() -> bool:
    """Whether `.venv` was once complete and its interpreter still runs."""
    if not any(os.path.exists(stamp(name)) for name in CONTAINS):
        return False
    try:
        return subprocess.run([PYTHON, "-c", ""], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def make() -> None:
    print("Making .venv", flush=True)
    if subprocess.run([sys.executable, "-m", "venv", "--clear", VENV]).returncode != 0:
        sys.exit(
            "Python's venv module can't create .venv: on Debian and Ubuntu, run `apt-get install "
            "python3-venv`."
        )


def install(name: str) -> None:
    print(f"Installing requirements/{name}.txt", flush=True)
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "--require-hashes", "-r", pins(name)]).returncode != 0:
        sys.exit(f"pip can't install requirements/{name}.txt: see its output above.")
    for part in CONTAINS[name]:
        shutil.copyfile(pins(part), stamp(part))


def main(name: str) -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  this is where an older one is refused
        sys.exit(
            "Python 3.11 or newer is required, " + sys.executable + " is " + sys.version.split()[0] + "."
        )
    with open(pins(name)) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two calls of make at once
        if installed(name) and works():
            return
        if not works():
            make()
        install(name)


if __name__ == "__main__":
    main(sys.argv[1])
