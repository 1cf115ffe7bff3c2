from __future__ import annotations

import pytest

from sandbox.host.output import Output, coloured_text, plain_text, safe_text


def _lines(*pieces: tuple[str, str], limit: int = 1000, max_lines: int = 1000) -> list[tuple[str, str]]:
    seen: list[tuple[str, str]] = []
    output = Output(lambda stream, text: seen.append((stream, text)), limit, max_lines)
    for stream, text in pieces:
        output.add(stream, text)
    output.finish()
    return seen


def test_pieces_are_joined_to_lines() -> None:
    assert _lines(("stdout", "a"), ("stdout", "b\nc"), ("stdout", "d\n")) == [
        ("stdout", "ab"),
        ("stdout", "cd"),
    ]


def test_an_unfinished_line_is_kept_to_the_end() -> None:
    assert _lines(("stdout", "no end")) == [("stdout", "no end")]


def test_streams_do_not_mix_within_a_line() -> None:
    assert _lines(("stdout", "a"), ("log", "b\n"), ("stdout", "c\n")) == [("log", "b"), ("stdout", "ac")]


def test_empty_lines_are_lines() -> None:
    assert _lines(("stdout", "\n\n")) == [("stdout", ""), ("stdout", "")]


def test_a_line_is_never_cut_in_two() -> None:
    assert _lines(*[("stdout", "x" * 1000)] * 100, limit=1 << 20) == [("stdout", "x" * 100_000)]


def test_the_line_that_passes_the_limit_is_the_last_one_and_whole() -> None:
    lines = _lines(*[("stdout", "12345\n12")] * 5, limit=13)
    assert lines[:2] == [("stdout", "12345"), ("stdout", "1212345")]
    assert [stream for stream, _ in lines[2:]] == ["system"]


def test_lines_over_their_number_are_cut_once_and_marked() -> None:
    lines = _lines(("stdout", "\n\n"), ("stdout", "1"), ("log", "\n\n\n"), ("log", "5\n"), max_lines=4)
    assert lines[:4] == [("stdout", ""), ("stdout", ""), ("log", ""), ("log", "")]
    assert lines[4:] == [("system", "… the output is longer than 4 lines and was cut here")]


def test_output_of_just_its_number_of_lines_is_whole() -> None:
    assert _lines(("stdout", "1\n2\n"), max_lines=2) == [("stdout", "1"), ("stdout", "2")]


def test_output_exactly_at_the_limit_is_whole() -> None:
    assert _lines(("stdout", "12345\n"), limit=6) == [("stdout", "12345")]


def test_windows_line_ends_are_line_ends() -> None:
    assert _lines(("stdout", "a\r\nb\r\n")) == [("stdout", "a"), ("stdout", "b")]


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (("10%\r", "50%\r", "100%\n"), "100%"),
        (("\r 10%", "\r 20%"), " 20%"),
        (("done\r", "\n"), "done"),
        (("done\r\r\n",), "done"),
        (("100%\r    \r\n",), "    "),
        (("a\r", "b", "c\n"), "bc"),
    ],
)
def test_of_a_line_that_is_written_over_the_last_state_is_kept(pieces: tuple[str, ...], shown: str) -> None:
    assert _lines(*(("stdout", piece) for piece in pieces)) == [("stdout", shown)]


def test_what_is_written_over_takes_no_room() -> None:
    pieces = [("stdout", f"\r{number:5}") for number in range(1000)]
    assert _lines(*pieces, ("stdout", "\n"), limit=20) == [("stdout", "  999")]


def test_terminal_codes_are_left_out() -> None:
    text = "\x1b[1;31mred\x1b[0m \x1b[2K\x1b[1Aup \x1b[38;5;12mb\x1b[m \x1b]0;title\x07end \x1b"
    assert plain_text(text) == "red up b end \\u001b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m \x1b[2K\x1b[1Aup", "\x1b[1;31mred\x1b[0m up"),
        ("\x1b]0;title\x07a \x1b[38;2;1;2;3mb\x1b[m", "a \x1b[38;2;1;2;3mb\x1b[m"),
        ("\x1b\x1b[0m[0m \x07", "\\u001b\x1b[0m[0m \\u0007"),
        (f"\x1b[{'1;' * 50}m<", "<"),
    ],
)
def test_of_a_terminals_codes_a_line_keeps_its_colours(text: str, shown: str) -> None:
    assert coloured_text(text) == shown
    assert _lines(("stdout", text)) == [("stdout", shown)]


def test_a_note_comes_after_an_unfinished_line() -> None:
    seen: list[tuple[str, str]] = []
    output = Output(lambda stream, text: seen.append((stream, text)), 100, 1)
    output.add("stdout", "no end")
    output.note("words")
    assert seen == [("stdout", "no end"), ("system", "words")]


@pytest.mark.parametrize(
    "character", ["\x00", "\x1b", "\u202e", "\u2066", "\u2028", "\x85", "\ud800", "\x7f", "\r"]
)
def test_unsafe_characters_are_shown_as_codes(character: str) -> None:
    assert safe_text(f"a{character}b") == f"a\\u{ord(character):04x}b"


def test_ordinary_text_stays_as_it_is() -> None:
    text = "标题 | ¥5,000\té 👩\u200d👩 עברית"
    assert safe_text(text) == text
