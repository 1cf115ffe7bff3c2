"""What the parser reads is the text again, put together from what it has read."""

from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.markdown.document import Document, Unit
from notifications.markdown.parser import MAX_CHARACTERS

PIECES = st.sampled_from(
    [
        *(
            "a",
            "字",
            " ",
            "  ",
            "\t",
            "\n",
            "\n\n",
            "。",
            "\\",
            "|",
            "*",
            "**",
            "***",
            "`",
            "``",
            "_",
            "<",
            ">",
            "#",
        ),
        *(
            "> ",
            "- ",
            "1. ",
            "# h #",
            "```\n",
            "~~~py\n",
            "| a | b |\n|---|---|\n",
            "---\n",
            "    ",
            "\u3000",
        ),
        *(
            "[",
            "](",
            ")",
            "![",
            "https://e.com/x",
            "http://",
            ' "t"',
            "<https://e.com>",
            "@a",
            "<@id>",
            "\\\n",
        ),
        *('<font color="info">', "</font>", "<font>", "<at id=x></at>", "&amp;"),
    ]
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)


def source(unit: Unit) -> list[str]:
    if unit.kind == "text":
        return (unit.before + "".join(span.source for span in unit.spans) + unit.after).split("\n")
    return list(unit.lines)


@settings(deadline=None, max_examples=500)
@given(TEXTS)
def test_units_and_spans_put_together_are_the_text(text: str) -> None:
    lines = text.split("\n")
    for unit in Document(text).units:
        read, lines = lines[: len(source(unit))], lines[len(source(unit)) :]
        if unit.kind == "fence" and read != source(unit):  # it was left open: its last line is added
            lines = read[len(unit.lines) - 1 :] + lines
            read = [*read[: len(unit.lines) - 1], unit.lines[-1]]
        assert read == source(unit)
    assert lines == []


def test_nothing_is_looked_at_beyond_the_longest_message() -> None:
    document = Document("a" * (MAX_CHARACTERS + 1))
    assert document.is_cut
    assert len(document.lines[0]) == MAX_CHARACTERS


def test_a_fence_left_open_is_closed() -> None:
    assert Document("> ~~~py\n> x").units[0].lines == ("> ~~~py", "> x", "> ~~~")
