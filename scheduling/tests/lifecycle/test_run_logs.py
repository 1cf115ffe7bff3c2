import pytest
from django.db import DatabaseError, transaction

from scheduling.lifecycle import run_logs
from scheduling.lifecycle.run_logs import CUT, LineBuffer
from scheduling.models import RunLine
from scheduling.tests import make
from scheduling.tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def buffer() -> LineBuffer:
    return LineBuffer(make.run(make.task()).pk, lambda text: text.replace("secret", "***"))


def lines(buffer: LineBuffer) -> list[tuple[int, str]]:
    return list(RunLine.objects.filter(run_id=buffer.run_id).values_list("seq", "text"))


def test_lines_are_numbered_without_gaps_over_batches(buffer: LineBuffer) -> None:
    buffer.add(NOW, "a", "stdout")
    buffer.add(NOW, "b", "log")
    buffer.flush()
    buffer.add(NOW, "c", "stdout")
    buffer.flush()
    assert lines(buffer) == [(1, "a"), (2, "b"), (3, "c")]


def test_a_second_attempt_goes_on_where_the_first_ended(buffer: LineBuffer) -> None:
    buffer.add(NOW, "a", "stdout")
    buffer.flush()
    again = LineBuffer(buffer.run_id, str)
    again.add(NOW, "b", "stdout")
    again.flush()
    assert lines(buffer) == [(1, "a"), (2, "b")]


def test_secrets_never_reach_the_table(buffer: LineBuffer) -> None:
    buffer.add(NOW, "my secret", "stdout")
    buffer.flush()
    assert lines(buffer) == [(1, "my ***")]


def test_a_text_too_long_for_a_row_becomes_several_cut_where_it_is_masked(buffer: LineBuffer) -> None:
    buffer.add(NOW, "x" * (run_logs.LINE_CAP - 3) + "secret" + "y", "stdout")
    buffer.flush()
    assert lines(buffer) == [(1, "x" * (run_logs.LINE_CAP - 3) + "***"), (2, "y")]


def test_colours_stay_in_the_rows_alone(buffer: LineBuffer) -> None:
    buffer.add(NOW, "\x1b[31mred\x1b[0m", "stdout")
    with buffer.ending() as write:
        assert write() == "red"
    buffer.flush()
    assert lines(buffer) == [(1, "\x1b[31mred\x1b[0m")]
    assert run_logs.joined(buffer.run_id) == "red"


def test_no_colours_code_is_cut_in_two(buffer: LineBuffer) -> None:
    buffer.add(NOW, "x" * (run_logs.LINE_CAP - 1) + "\x1b[31mred", "stdout")
    buffer.flush()
    assert [text[-3:] for _, text in lines(buffer)] == ["xxr", "ed"]


def test_output_over_the_cap_is_cut_and_says_so(buffer: LineBuffer) -> None:
    for _ in range(40):
        buffer.add(NOW, "x" * run_logs.LINE_CAP, "stdout")
    buffer.flush()
    texts = [text for _, text in lines(buffer)]
    assert texts[-1] == CUT
    assert sum(map(len, texts)) <= run_logs.OUTPUT_CAP + len(CUT)


def test_lines_over_their_number_are_cut_and_that_is_said_once(buffer: LineBuffer) -> None:
    for _ in range(run_logs.LINES_CAP + 10):
        buffer.add(NOW, "", "stdout")
    buffer.flush()
    texts = [text for _, text in lines(buffer)]
    assert (len(texts), texts[-1]) == (run_logs.LINES_CAP + 1, CUT)
    assert texts.count(CUT) == 1


def test_what_a_failing_database_refused_is_written_later(
    buffer: LineBuffer, monkeypatch: pytest.MonkeyPatch
) -> None:
    buffer.add(NOW, "a", "stdout")
    with monkeypatch.context() as patched:
        patched.setattr(run_logs.LINES, "insert", _fail)
        with pytest.raises(DatabaseError):
            buffer.flush()
    buffer.add(NOW, "b", "stdout")
    buffer.flush()
    assert lines(buffer) == [(1, "a"), (2, "b")]


def _fail(*args: object, **kwargs: object) -> None:
    raise DatabaseError


def test_a_runs_end_that_is_not_committed_keeps_its_lines_for_the_next_try() -> None:
    buffer = LineBuffer(make.run(make.task()).pk, str, written=0)
    buffer.add(NOW, "a", "stdout")
    with pytest.raises(DatabaseError):
        _end_in_vain(buffer)
    assert lines(buffer) == []
    with buffer.ending() as write:
        assert write() == "a"
    buffer.flush()
    assert lines(buffer) == [(1, "a")]


def _end_in_vain(buffer: LineBuffer) -> None:
    with buffer.ending() as write, transaction.atomic():
        write()
        raise DatabaseError


def test_an_end_gives_no_text_where_lines_were_written_before(buffer: LineBuffer) -> None:
    buffer.add(NOW, "a", "stdout")
    buffer.flush()
    buffer.add(NOW, "b", "stdout")
    with buffer.ending() as write:
        assert write() is None
    assert run_logs.joined(buffer.run_id) == "a\nb"


def test_a_flush_does_not_wait_for_a_runs_end(buffer: LineBuffer) -> None:
    buffer.add(NOW, "a", "stdout")
    with buffer.ending() as write:
        buffer.flush()
        assert lines(buffer) == []
        write()
    assert lines(buffer) == [(1, "a")]


def test_the_output_is_the_joined_lines(buffer: LineBuffer) -> None:
    buffer.add(NOW, "a", "stdout")
    buffer.add(NOW, "b", "log")
    buffer.flush()
    assert run_logs.joined(buffer.run_id) == "a\nb"


def test_the_output_of_several_attempts_is_cut_at_the_cap_and_says_so() -> None:
    run = make.run(make.task())
    for _ in range(2):
        attempt = LineBuffer(run.pk, str)
        for _ in range(11):
            attempt.add(NOW, "x" * run_logs.LINE_CAP, "stdout")
        attempt.flush()
    output = run_logs.joined(run.pk)
    assert output.endswith(f"\n{CUT}")
    assert len(output) <= run_logs.OUTPUT_CAP + 2 * len(CUT) + 1
