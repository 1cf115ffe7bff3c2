from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.kinds.dify.client.sse import Frame, FrameParser, FrameTooLargeError

STREAM = (
    b"event: ping\n\n"
    b'data: {"event":"message","answer":"\xe2\x80\xa8 \xe2\x80\xa9 \xc2\x85 \x0b\x0c \xf0\x9f\x8e\x89"}\n\n'
    b": a comment\n\n"
    b"data: one\ndata: two\n\n"
    b"event: done\r\ndata:no space\r\n\r\n"
    b"data: never ended"
)
FRAMES = [
    Frame("ping", b""),
    Frame("", b'{"event":"message","answer":"\xe2\x80\xa8 \xe2\x80\xa9 \xc2\x85 \x0b\x0c \xf0\x9f\x8e\x89"}'),
    Frame("", b"one\ntwo"),
    Frame("done", b"no space"),
]


def parsed(*pieces: bytes) -> list[Frame]:
    parser = FrameParser()
    return [frame for piece in pieces for frame in parser.feed(piece)]


def test_only_a_newline_ends_a_line() -> None:
    assert parsed(STREAM) == FRAMES


@given(st.lists(st.integers(0, len(STREAM))))
def test_it_does_not_matter_where_the_pieces_are_cut(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(STREAM)]
    assert parsed(*(STREAM[a:b] for a, b in pairwise(places))) == FRAMES


def test_a_frame_beyond_the_cap_is_refused_before_its_end() -> None:
    parser = FrameParser(max_frame_bytes=1000)
    assert len(list(parser.feed(b"data: " + b"x" * 900 + b"\n\n"))) == 1
    list(parser.feed(b"data: " + b"x" * 900))
    with pytest.raises(FrameTooLargeError):
        list(parser.feed(b"x" * 200))


@pytest.mark.parametrize("pieces", [[b"data: 1234", b"\n\n"], [b"data:", b" 1234\n", b"\n"]])
def test_a_frame_of_exactly_the_cap_is_taken(pieces: list[bytes]) -> None:
    """However it is cut, each of its bytes counts once, and line ends count nothing."""
    parser = FrameParser(max_frame_bytes=10)
    for _ in range(2):
        assert [frame for piece in pieces for frame in parser.feed(piece)] == [Frame("", b"1234")]
    with pytest.raises(FrameTooLargeError):
        list(parser.feed(b"data: 12345"))


def test_the_cap_counts_all_lines_of_a_frame() -> None:
    with pytest.raises(FrameTooLargeError):
        list(FrameParser(max_frame_bytes=1000).feed(b"data: x\n" * 200))


def test_long_lines_come_out_whole() -> None:
    stream = (b"data: " + b"x" * 2_000_000 + b"\n\n") * 3
    pieces = (stream[i : i + 16_384] for i in range(0, len(stream), 16_384))
    assert [len(frame.data) for frame in parsed(*pieces)] == [2_000_000] * 3
