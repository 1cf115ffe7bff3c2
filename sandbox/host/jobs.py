"""Jobs on untrusted text, done in the jail for the platform's own processes: checking scripts, rendering templates.

with Jobs() as jobs:
    jobs.check("import six", "six>=1").requirements   # ("six>=1",)
    jobs.render("{{ a }}", {"a": 1})                  # "1"
"""

from __future__ import annotations

import importlib.util
import os
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.host.admission import Admission
from sandbox.host.checked import Checked, read_checked
from sandbox.host.checked_template import CheckedTemplate, read_templates
from sandbox.host.errors import SandboxLostError
from sandbox.host.job import do_job
from sandbox.host.turns import Turns, never
from sandbox.host.zygote import Zygote, default_python
from sandbox.protocol import pack

MAX_SOURCE = 256 << 10  # characters of a template
MAX_SCRIPT = 1 << 20  # characters of a script, and of its dependency lines

_AT_A_TIME = 2  # each may take 256 MiB, in addition to the process that asked
_WAIT_SECONDS = 30.0
# Checks that may wait in one lane: each comes from a request to the web process, and holds one of its threads.
_MAX_WAITING = 4
# All forks of one zygote share its hash seed and its addresses.
_JOBS_PER_ZYGOTE = 5000
# A job has no side effects, so a second try is always safe after a zygote is lost.
_TRIES = 2
_PACKAGES = ("jinja2", "markupsafe", "packaging")
_ORDER_BYTES = 64 << 20


class WrongTemplateError(ValueError):
    """A template that can't be read or rendered; the text says where and why."""


class Jobs:
    """Owns one zygote, which is started when first needed and given up when its process is forked. Thread-safe.

    A `lane` is whom a job is done for, such as a tenant. Each lane has one job under way at a time, all of them
    together two, so that slow jobs of one lane hold up no other. Renderings wait for their turn; a check is refused at
    once if more than four are waiting in its lane.

    Every method raises SandboxUnavailableError where the host can't hold a job or no turn comes within 30 s,
    SandboxLostError where the sandbox was killed from outside, and JobDiedError where the job took more than it may.
    """

    def __init__(
        self,
        *,
        min_level: int = 1,
        unsafe: bool = False,
        python: str | None = None,
        work_root: str | None = None,
    ) -> None:
        self._admission = Admission(min_level, unsafe)
        self._python = python or default_python()
        self._work_root = work_root
        self._zygote: Zygote | None = None
        self._begin()
        os.register_at_fork(after_in_child=_weak_call(self._forget_parents_zygote))

    def check(self, script: str, deps: str, lane: str = "") -> Checked:
        """Return Python's errors and warnings for a script, and what it and its dependency lines require."""
        return read_checked(self._do({"kind": "script", "script": script, "deps": deps}, lane, _MAX_WAITING))

    def check_templates(self, sources: Sequence[str], lane: str = "") -> list[CheckedTemplate]:
        """Return for each template what is wrong with its syntax, and the names that it takes from outside."""
        answer = self._do({"kind": "templates", "sources": list(sources)}, lane, _MAX_WAITING)
        return read_templates(answer, len(sources))

    def render(
        self,
        source: str,
        values: Mapping[str, Any],
        lane: str = "",
        is_over: Callable[[], bool] = never,
    ) -> str:
        """Return the rendered text, at most 1 Mi characters. `values` is JSON. Raises WrongTemplateError.

        When `is_over` returns True, the wait for a turn ends and GivenUpError is raised.
        """
        order = {"kind": "render", "source": source, "values": dict(values)}
        match self._do(order, lane, is_over=is_over):
            case {"text": str(text)}:
                return text
            case {"wrong": str(wrong)}:
                raise WrongTemplateError(wrong)
        raise SandboxLostError("The sandbox gave an invalid answer.")

    def close(self) -> None:
        with self._lock:
            zygote, self._zygote = self._zygote, None
        if zygote is not None:
            zygote.close()

    def __enter__(self) -> Jobs:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _do(
        self,
        order: dict[str, Any],
        lane: str,
        max_waiting: int | None = None,
        is_over: Callable[[], bool] = never,
    ) -> dict[str, Any]:
        frame = pack(order, _ORDER_BYTES)
        with self._turns.take(lane, max_waiting, is_over):
            for _ in range(_TRIES):
                try:
                    return do_job(self._ready_zygote(), frame)
                except SandboxLostError as error:
                    lost = error
        raise lost

    def _ready_zygote(self) -> Zygote:
        with self._lock:
            old = self._zygote
            if old is None or old.is_lost or old.jobs >= _JOBS_PER_ZYGOTE:
                self._zygote, _ = self._admission.start(self._make_zygote)
                if old is not None:
                    old.close()
            assert self._zygote is not None
            self._zygote.jobs += 1
            return self._zygote

    def _make_zygote(self) -> Zygote:
        return Zygote(
            deps_dirs=(),
            unsafe=self._admission.unsafe,
            python=self._python,
            work_root=self._work_root,
            packages=_directories(),
        )

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._turns = Turns(_AT_A_TIME, _WAIT_SECONDS)

    def _forget_parents_zygote(self) -> None:
        """Begin anew in a forked copy of the process, where locks may be held by threads that don't exist here."""
        if self._zygote is not None:
            self._zygote.forget()
        self._zygote = None
        self._begin()


def _weak_call(method: Any) -> Any:
    """Return a function that calls a method as long as its object lives.

    A function that is registered for forks can't be unregistered: it must not keep a Jobs alive.
    """
    reference = weakref.WeakMethod(method)

    def call() -> None:
        if (found := reference()) is not None:
            found()

    return call


def _directories() -> list[str]:
    """Return the directories that hold the packages which jobs need."""
    specs = (importlib.util.find_spec(name) for name in _PACKAGES)
    found = {os.path.dirname(os.path.dirname(spec.origin)) for spec in specs if spec and spec.origin}
    return sorted(map(os.path.realpath, found))
