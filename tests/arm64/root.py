"""What the emulated machine boots into: Debian's packages unpacked, the sandbox, and what its tests need of PyPI."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from platform_site.config.data_dir import BASE_DIR

# Debian 12 has the Python that the project's image has, and a kernel with Landlock and user namespaces.
SUITE = "bookworm"
DEBIAN = (
    "python3",
    "libseccomp2",
    "tzdata",
    "mount",
    "coreutils",
    "dash",
    "libc-bin",
    "iproute2",
    "procps",
    "linux-image-arm64",
)
PYPI = (
    "pytest",
    "pytest-timeout",
    "pygments",
    "pluggy",
    "iniconfig",
    "packaging",
    "jinja2",
    "markupsafe",
    "pyseccomp",
    "tzdata",
    "uv",
)
# pivot_root needs a root that has a parent, which the first of a boot has not.
INIT = """#!/bin/sh
mkdir -p /new /proc /sys /dev /tmp
mount --no-mtab --bind / /new
cd /new
mount --no-mtab --move . /
exec chroot . /tests
"""
TESTS = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root PYTHONPATH=/packages
ldconfig
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm && mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t tmpfs -o mode=1777 tmp /tmp
ip link set lo up 2>/dev/null
uname -a
cd /work
python3 -m pytest -p no:cacheprovider -c /work/pytest.ini {arguments}
echo "pytest ended with $?"
sync
echo o >/proc/sysrq-trigger
sleep 60
"""
PASSWD = "root:x:0:0:root:/root:/bin/sh\n"  # what is unpacked only has none
PYTEST_INI = "[pytest]\naddopts = -q -rfEs --color=no\ntimeout = 3000\nfilterwarnings = error\n"


def made(folder: Path, arguments: list[str]) -> tuple[Path, Path]:
    """Return the kernel and the file system, as a cpio archive, that runs pytest with the arguments."""
    root = folder / "root"
    options = ("--mode=root", "--variant=extract", "--architectures=arm64", f"--include={','.join(DEBIAN)}")
    sources = _debian_sources(folder)
    subprocess.run(["mmdebstrap", "--quiet", *options, SUITE, str(root), str(sources)], check=True)
    (kernel,) = root.glob("boot/vmlinuz-*")
    kernel = kernel.rename(folder / "vmlinuz")
    _add_tests(root, arguments)
    archive = folder / "root.cpio"
    with archive.open("wb") as file:
        subprocess.run(
            ["sh", "-c", "find . -print0 | cpio --null --create --format=newc --quiet"],
            cwd=root,
            stdout=file,
            check=True,
        )
    return kernel, archive


def _debian_sources(folder: Path) -> Path:
    """Return a file with the mirror that this machine's own apt uses."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE) $(CODENAME)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=True,
    )
    site = next(line.split()[0] for line in listed.stdout.splitlines() if line.split()[1:] == [SUITE])
    sources = folder / "sources.list"
    sources.write_text(f"deb {site} {SUITE} main\n")
    return sources


def _add_tests(root: Path, arguments: list[str]) -> None:
    for name in ("boot", "usr/share/doc", "usr/share/man", "usr/share/locale"):
        shutil.rmtree(root / name, ignore_errors=True)
    for modules in root.glob("lib/modules/*"):
        shutil.rmtree(modules)  # all that is needed is built in
    pins = [f"{name}=={version(name)}" for name in PYPI]
    platforms = ("--platform=manylinux2014_aarch64", "--platform=manylinux_2_28_aarch64", "--platform=any")
    which = ("--python-version=3.11", "--only-binary=:all:", "--no-deps", "--no-compile", *platforms)
    target = f"--target={root / 'packages'}"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", target, *which, *pins], check=True)
    ours = shutil.ignore_patterns("__pycache__")
    for folder in ("sandbox", "testing/servers", "docs"):
        shutil.copytree(BASE_DIR / folder, root / "work" / folder, ignore=ours)
    (root / "work" / "pytest.ini").write_text(PYTEST_INI)
    (root / "etc/passwd").write_text(PASSWD)
    (root / "init").write_text(INIT)
    (root / "tests").write_text(TESTS.format(arguments=shlex.join(arguments)))
    for name in ("init", "tests"):
        (root / name).chmod(0o755)
