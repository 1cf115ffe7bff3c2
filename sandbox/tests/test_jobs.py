"""What the platform has done in the jail, on a process of its own each time."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox.host.errors import GivenUpError, JobDiedError, SandboxUnavailableError
from sandbox.host.job import _LIMITS
from sandbox.host.jobs import Jobs, WrongTemplateError
from sandbox.host.turns import Turns
from sandbox.tests.processes import family, resident_bytes, wait_until_gone

_ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
_LARGE = "{{ 'x' * 900000000 }}"


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    with Jobs() as jobs:
        yield jobs


def _newer(before: list[int]) -> list[int]:
    return [pid for pid in family() if pid not in before]


def test_a_template_is_rendered(jobs: Jobs) -> None:
    assert jobs.render("{{ a }} {{ b|tojson }}", {"a": 1, "b": {"k": "中"}}) == '1 {"k": "中"}'


def test_templates_draw_numbers_of_their_own(jobs: Jobs) -> None:
    assert len({jobs.render("{{ range(99999)|random }}", {}) for _ in range(3)}) == 3


def test_a_script_is_compiled_and_its_dependencies_are_read(jobs: Jobs) -> None:
    checked = jobs.check("x = = 1", "six>=1\npandas[a]~=2.0")
    assert [(problem.line, problem.severity) for problem in checked.problems] == [(1, "error")]
    assert checked.requirements == ("pandas[a]~=2.0", "six>=1")


def test_one_that_takes_all_time_or_memory_leaves_the_next_untouched(jobs: Jobs) -> None:
    for source, cause in ((_ENDLESS, "cpu"), (_LARGE, "memory")):
        with pytest.raises(JobDiedError) as died:
            jobs.render(source, {})
        assert died.value.cause == cause
        assert jobs.render("{{ 1 }}", {}) == "1"


def test_a_tenant_whose_templates_never_end_holds_up_no_other(jobs: Jobs) -> None:
    with ThreadPoolExecutor(3) as pool:
        endless = [pool.submit(jobs.render, _ENDLESS, {}, "evil") for _ in range(3)]
        for _ in range(20):
            assert jobs.render("{{ 1 }}", {}, "acme") == "1"
        assert not endless[-1].done()
        assert {type(one.exception()) for one in endless} == {JobDiedError}


def test_many_threads_have_their_jobs_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.host.jobs._WAIT_SECONDS", 600)  # for a slow machine
    with Jobs() as jobs, ThreadPoolExecutor(30) as pool:
        begun = [pool.submit(jobs.render, "{{ n }}", {"n": n}, f"tenant {n % 7}") for n in range(200)]
        assert [one.result() for one in begun] == [str(n) for n in range(200)]


def test_a_lane_has_one_turn_at_a_time_and_others_theirs() -> None:
    turns = Turns(2, wait_seconds=0)
    with turns.take("a"):
        with pytest.raises(SandboxUnavailableError, match="busy"), turns.take("a"):
            pass
        with turns.take("b"), pytest.raises(SandboxUnavailableError, match="busy"), turns.take("c"):
            pass
    with turns.take("a"):
        pass


def test_turns_are_given_in_the_order_in_which_callers_came() -> None:
    turns, served = Turns(1, wait_seconds=600), list[str]()
    lanes = [f"lane {n % 3}" for n in range(9)]

    def caller(lane: str) -> None:
        with turns.take(lane):
            served.append(lane)

    with turns.take("first"):
        threads = [threading.Thread(target=caller, args=(lane,)) for lane in lanes]
        for came, thread in enumerate(threads, 1):
            thread.start()
            while len(turns._waiting) < came:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert served == lanes


def test_who_gives_up_leaves_the_turn_to_the_next() -> None:
    turns = Turns(1, wait_seconds=600)
    for _ in range(2):
        with turns.take("a"), pytest.raises(GivenUpError), turns.take("b", is_over=lambda: True):
            pass
    with turns.take("b"):
        pass


def test_who_has_no_time_left_waits_for_no_turn() -> None:
    turns = Turns(1, wait_seconds=600)
    with turns.take("a", is_over=lambda: True):
        for lane in ("a", "b"):
            with pytest.raises(GivenUpError), turns.take(lane, is_over=lambda: True):
                pass
    with turns.take("a"), pytest.raises(GivenUpError), turns.take("a", is_over=lambda: True):
        pass


def test_more_than_may_wait_in_a_lane_are_refused_at_once() -> None:
    turns = Turns(4, wait_seconds=600)
    done, begun = threading.Event(), threading.Event()

    def first() -> None:
        with turns.take("a", 0):
            begun.set()
            done.wait()

    thread = threading.Thread(target=first)
    thread.start()
    begun.wait()
    with pytest.raises(SandboxUnavailableError, match="busy"), turns.take("a", 0):
        pass
    done.set()
    thread.join()


def test_nothing_of_the_platform_can_be_reached_from_a_template(jobs: Jobs) -> None:
    for source in ("{{ ''.__class__ }}", "{{ cycler.__init__.__globals__ }}", "{% include '/etc/passwd' %}"):
        with pytest.raises(WrongTemplateError):
            jobs.render(source, {})


def test_a_zygote_that_was_killed_is_replaced_unseen() -> None:
    before = family()
    with Jobs() as jobs:
        jobs.render("{{ 1 }}", {})
        for pid in reversed(_newer(before)):
            with suppress(ProcessLookupError):  # the job's own process has ended with its answer
                os.kill(pid, 9)
        assert jobs.render("{{ 2 }}", {}) == "2"
    assert _newer(before) == []


def test_a_zygote_ends_with_its_process() -> None:
    reading, writing = os.pipe()
    worker = os.fork()
    if worker == 0:
        before = family()
        jobs = Jobs()
        thread = threading.Thread(target=jobs.render, args=("{{ 1 }}", {}))
        thread.start()
        thread.join()
        jobs.render("{{ 1 }}", {})  # the thread that started the zygote is gone, the zygote isn't
        os.write(writing, " ".join(map(str, _newer(before))).encode())
        os.kill(os.getpid(), 9)
    orphans = [int(pid) for pid in os.read(reading, 4096).split()]
    os.waitpid(worker, 0)
    os.close(reading)
    os.close(writing)
    assert orphans
    wait_until_gone(orphans)


def test_a_forked_process_gets_a_zygote_of_its_own(jobs: Jobs) -> None:
    jobs.render("{{ 1 }}", {})
    child = os.fork()
    if child == 0:
        ok = False
        try:
            ok = jobs.render("{{ 2 }}", {}) == "2"
            jobs.close()
        finally:
            os._exit(0 if ok else 1)
    _, status = os.waitpid(child, 0)
    assert status == 0
    assert jobs.render("{{ 3 }}", {}) == "3"


def test_a_thousand_jobs_leave_nothing_behind() -> None:
    def held() -> tuple[int, int]:
        return len(os.listdir("/proc/self/fd")), threading.active_count()

    before = family()
    with Jobs() as jobs:
        for _ in range(100):
            jobs.render("{{ 1 }}", {})
        zygote = _settled(before)[-1]
        ours, memory = held(), resident_bytes(zygote)
        for _ in range(1000):
            jobs.render("{{ 1 }}", {})
        assert held() == ours
        assert _settled(before)[-1] == zygote
        assert resident_bytes(zygote) - memory < 1 << 20
        assert len(os.listdir(f"/proc/{zygote}/fd")) < 20
    assert _newer(before) == []


def _settled(before: list[int]) -> list[int]:
    """The zygote's processes, when the last job's has gone: it ends a moment after its answer."""
    while any(_is_jailed(pid) for pid in _newer(before)):
        time.sleep(0.01)
    return _newer(before)


def _is_jailed(pid: int) -> bool:
    """A job has given up all further privileges, its zygote hasn't."""
    try:
        return "NoNewPrivs:\t1" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_an_interpreter_that_is_not_there_makes_jobs_unavailable() -> None:
    with Jobs(python="/nowhere/python") as jobs, pytest.raises(SandboxUnavailableError, match="can't start"):
        jobs.render("{{ 1 }}", {})


def test_a_level_that_this_host_does_not_give_makes_jobs_unavailable() -> None:
    with Jobs(min_level=3) as jobs, pytest.raises(SandboxUnavailableError, match="L3 is required"):
        jobs.render("{{ 1 }}", {})
    with Jobs(min_level=3, unsafe=True) as jobs:
        assert jobs.render("{{ 1 }}", {}) == "1"


def test_a_job_that_nobody_waits_for_is_ended(jobs: Jobs) -> None:
    jobs.render("{{ 1 }}", {})
    before = family()
    zygote = jobs._zygote
    assert zygote is not None
    with zygote.start_job({**_LIMITS, "wall_seconds": 600}):  # it waits for its order
        while not (begun := _newer(before)):
            time.sleep(0.01)
    wait_until_gone(begun)
