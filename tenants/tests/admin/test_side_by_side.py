"""Two texts beside each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tenants.admin.side_by_side import AROUND, MAX_LINES, Line, side_by_side

TEXTS = st.lists(st.text("ab\n", max_size=4), max_size=30).map("\n".join)


def test_texts_of_one_line_need_no_table() -> None:
    assert side_by_side("before", "after") == []


def test_a_changed_line_stands_beside_what_it_was() -> None:
    assert side_by_side("a\nb\nc", "a\nB\nc") == [
        Line((1, "a"), (1, "a")),
        Line((2, "b"), (2, "B")),
        Line((3, "c"), (3, "c")),
    ]


def test_an_added_line_has_nothing_beside_it() -> None:
    assert side_by_side("a", "a\nb")[-1] == Line(None, (2, "b"))


def test_lines_far_from_a_change_are_left_out_and_that_is_said() -> None:
    old = [str(number) for number in range(40)]
    new = [*old[:20], "changed", *old[21:]]
    lines = side_by_side("\n".join(old), "\n".join(new))
    assert len(lines) == 2 * AROUND + 1
    assert [line.gap for line in lines] == [True] + [False] * (2 * AROUND)


@given(TEXTS, TEXTS)
def test_every_changed_line_is_shown_and_numbered(old: str, new: str) -> None:
    left, right = old.splitlines(), new.splitlines()
    lines = side_by_side(old, new)
    for line in lines:
        assert line.old is None or left[line.old[0] - 1] == line.old[1]
        assert line.new is None or right[line.new[0] - 1] == line.new[1]
    if lines:
        hidden_left = [text for n, text in enumerate(left, 1) if n not in {i.old[0] for i in lines if i.old}]
        hidden_right = [
            text for n, text in enumerate(right, 1) if n not in {i.new[0] for i in lines if i.new}
        ]
        assert hidden_left == hidden_right


def test_of_very_many_changed_lines_the_rest_is_a_gap() -> None:
    lines = side_by_side("", "\n".join(map(str, range(2 * MAX_LINES))))
    assert lines[-1] == Line(None, None, gap=True)
    assert len(lines) == MAX_LINES + 1
