"""The layers of the jail and their order: some are put on once for the zygote, the others for every script."""

from __future__ import annotations

import fcntl
import itertools
import os
import signal
import socket
import tempfile
import time
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox.guest import fonts, kernel, landlock, namespaces, privileges, seccomp
from sandbox.system_calls import MACHINE

_FILTER = Path(__file__).parents[1] / "filters" / f"{MACHINE}.bpf"
_STDLIB = os.path.dirname(os.__file__)
_OTHER_PACKAGES = ("site-packages", "dist-packages")
# What libraries read beside their own files: where others lie, locales, fonts.
_SYSTEM_FILES = ("/etc/ld.so.cache", "/usr/lib/locale", fonts.DIRECTORY)
_ZONES = "/usr/share/zoneinfo"
_PACKAGES = "/packages"
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_CERTIFICATES_NAMES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
_ENVIRONMENT = {
    "HOME": "",
    "TZ": "",
    "LANG": "C.UTF-8",
    # Numerical libraries would start a thread for each core, each with its own arena.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
# In a script's process. In the zygote the first two are free, so that is where a script's connections arrive.
_CONNECTIONS = (3, seccomp.NETWORK_FD)
_OUT_OF_THE_WAY, _ABOVE_ALL = 100, 1 << 20


def out_of_the_way(descriptor: int) -> int:
    """Return the descriptor's new number, above those that scripts have."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY)
    os.close(descriptor)
    return moved


class LayerFailedError(Exception):
    """A layer that is not optional can't be put on."""


class Jail:
    """The jail of one zygote and all of its scripts.

    `missing` maps each layer that this host doesn't provide to the reason.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._unsafe: bool = config["unsafe"]
        self._work_root: str = config["work_root"]
        self._deps_dirs: list[str] = config["deps_dirs"]
        self._zones_dir: str = config["zones_dir"]
        self._certificates: str = config["certificates"]
        self._readable = [path for path in (*self._deps_dirs, self._zones_dir, self._certificates) if path]
        self._drop_to_nobody: bool = config["drop_to_nobody"]
        self._packages: list[str] = config["packages"]
        self._filter = _FILTER.read_bytes()
        self._ruleset = -1
        self._places: dict[str, str] = {}
        self._kept: list[
            int
        ] = []  # the zygote's own descriptors that scripts' processes need, in ascending order
        self._scripts = 0
        self._zygote = 0
        self.missing: dict[str, str] = {}
        self.work_base = ""

    @property
    def has_namespaces(self) -> bool:
        return "namespaces" not in self.missing

    def enter(self) -> None:
        """Put on the zygote's layers. Return in the process that is to be the zygote: perhaps a child of the caller."""
        os.environ.clear()
        os.environ.update(_ENVIRONMENT)
        libraries = _library_paths(self._packages)
        # Zones and certificates are shown at another path because they may lie among the hidden packages; dependencies
        # because their own path, which may lie below /tmp, is nothing to the script.
        places = {path: f"{_PACKAGES}/{number}" for number, path in enumerate(self._deps_dirs)}
        places[self._zones_dir] = _ZONES
        if self._certificates:
            places[self._certificates] = _CERTIFICATES
        shown = {path: path for path in (_STDLIB, *libraries, *_SYSTEM_FILES)}
        try:
            namespaces.enter(shown | {place: path for path, place in places.items()}, _hidden_directories())
            self._places = places
        except namespaces.NamespacesDeniedError as denied:
            self.missing["namespaces"] = str(denied)
            self.work_base = tempfile.mkdtemp(prefix="sandbox-", dir=self._work_root)
        self._build_ruleset(libraries)
        if not self.has_namespaces:
            self._settle_without_namespaces()
        self._zygote = os.getpid()
        # The signal is sent when the *thread* that started the zygote ends. A zygote for jobs is started by one thread
        # of many, so it relies on the end of the control socket instead.
        if not self._packages:
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # after the change of user, which clears it
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        _give_no_streams()
        zoneinfo.reset_tzpath([self.place_of(self._zones_dir)])
        os.environ["TZDIR"] = self.place_of(self._zones_dir)
        if self._certificates:
            os.environ.update(dict.fromkeys(_CERTIFICATES_NAMES, self.place_of(self._certificates)))

    def _build_ruleset(self, libraries: list[str]) -> None:
        work = namespaces.WORK_PARENT if self.has_namespaces else self.work_base
        rules = [(work, landlock.WORK), (_STDLIB, landlock.LIST)]
        # Entry by entry: the interpreter's other packages, which are the platform's, lie in the same directory.
        rules += [
            (entry.path, landlock.READ) for entry in os.scandir(_STDLIB) if entry.name not in _OTHER_PACKAGES
        ]
        readable = (*libraries, *_SYSTEM_FILES, *map(self.place_of, self._readable))
        rules += [(path, landlock.READ) for path in readable]
        rules += [(path, landlock.DEVICE) for path in namespaces.DEVICES]
        try:
            self._ruleset = self._keep(landlock.build(rules))
        except OSError as error:
            self.missing["landlock"] = str(error)

    def _settle_without_namespaces(self) -> None:
        privileges.close_the_way_back()
        if self._drop_to_nobody:
            os.chown(self.work_base, privileges.NOBODY, privileges.NOBODY)
            for path in self._readable:
                self._places[path] = self._hold(path)
            privileges.become_nobody()

    def _hold(self, directory: str) -> str:
        """Open a directory and return a path that still reaches it after the change of user.

        The way there will be closed: only the worker's own user may enter its data directory.
        """
        return f"/proc/self/fd/{self._keep(os.open(directory, os.O_PATH))}"

    def _keep(self, descriptor: int) -> int:
        self._kept.append(out_of_the_way(descriptor))
        return self._kept[-1]

    def place_of(self, path: str) -> str:
        """Return the path at which a script finds what the host has at `path`."""
        for directory, place in self._places.items():
            if path == directory or path.startswith(directory + "/"):
                return place + path[len(directory) :]
        return path

    def prepare(self, limits: Mapping[str, int], zone: str) -> str:
        """Return an empty work dir, after setting the environment and the time zone for the next script."""
        work_dir = self._fresh_work_dir(limits)
        if os.environ["HOME"] != work_dir:
            os.environ.update(HOME=work_dir, TMPDIR=work_dir, MPLCONFIGDIR=fonts.configuration_in(work_dir))
        if os.environ["TZ"] != zone:
            os.environ["TZ"] = zone
            time.tzset()
            zoneinfo.ZoneInfo(zone)  # now in zoneinfo's cache, which the script inherits
        return work_dir

    def _fresh_work_dir(self, limits: Mapping[str, int]) -> str:
        if self.has_namespaces:
            namespaces.mount_work_dir(limits["disk_mb"])
            return namespaces.WORK_DIR
        self._scripts += 1
        path = os.path.join(self.work_base, str(self._scripts))
        os.mkdir(path, 0o700)
        return path

    def clear(self) -> None:
        """Remove the work dir. Without namespaces the host does that: it can be trusted to walk a hostile tree."""
        if self.has_namespaces:
            namespaces.unmount_work_dir()

    def confine(
        self, connections: Sequence[int], work_dir: str, limits: Mapping[str, int]
    ) -> list[socket.socket]:
        """Put on the script's layers, in its own process. Return the connections, all that is kept for good.

        Raises LayerFailedError, unless the sandbox may be unsafe.
        """
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self._zygote:  # the zygote died before its death could be watched
            os._exit(1)
        kept = self._keep_only(connections)
        os.chdir(work_dir)
        layers: tuple[Callable[[], None], ...] = (
            privileges.hold_none,
            lambda: privileges.set_rlimits(limits, count_processes=self.has_namespaces),
            lambda: kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1),
            self._enforce_landlock,
            lambda: seccomp.load(self._filter),
        )
        for layer in layers:
            try:
                layer()
            except (OSError, ValueError) as error:
                if not self._unsafe:
                    raise LayerFailedError(str(error)) from error
        return kept

    def _keep_only(self, connections: Sequence[int]) -> list[socket.socket]:
        """Close all descriptors but these, which get fixed numbers: the connection, then that of the network."""
        for number, arrived in zip(_CONNECTIONS, connections, strict=False):
            if arrived != number:
                os.dup2(arrived, number)
        fixed = _CONNECTIONS[: len(connections)]
        for one, following in itertools.pairwise([fixed[-1], *self._kept, _ABOVE_ALL]):
            os.closerange(one + 1, following)
        return [socket.socket(fileno=number) for number in fixed]

    def _enforce_landlock(self) -> None:
        if self._ruleset < 0:
            raise OSError(self.missing.get("landlock", "no ruleset"))
        landlock.enforce(self._ruleset)
        os.close(self._ruleset)


def _hidden_directories() -> list[str]:
    paths = [os.path.join(_STDLIB, name) for name in _OTHER_PACKAGES]
    return [path for path in paths if os.path.isdir(path)]


def _give_no_streams() -> None:
    """Make the standard streams empty, and such that writing to them fails: nothing vanishes in silence."""
    nothing = os.open("/dev/null", os.O_RDONLY)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)


def _library_paths(loaded: list[str]) -> list[str]:
    """Return the directories of the shared libraries in use.

    Where such a directory lies above the standard library, only the files are returned. Libraries from the `loaded`
    directories are left out: their files are not needed again.
    """
    with open("/proc/self/maps") as maps:
        mapped = {line.split(maxsplit=5)[5].strip() for line in maps if ".so" in line and "/" in line}
    found = set()
    for path in mapped:
        directory = os.path.dirname(path)
        if directory.startswith((_STDLIB, *loaded)):
            continue
        found.add(path if _STDLIB.startswith(directory + "/") else directory)
    return sorted(found)
