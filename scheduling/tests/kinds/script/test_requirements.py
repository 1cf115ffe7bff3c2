"""What counts as a dependency, and what is refused before anybody asks an index."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from scheduling.kinds.script import requirements
from scheduling.kinds.script.requirements import InvalidRequirementError, denied_in, refused

BLOCK = """
# /// script
# requires-python = ">=3.8"
# dependencies = [
#   "pandas>=2,<3",
#   "requests[socks]",
# ]
# ///
import pandas
"""


def requirements_of(script_deps: str, script_content: str) -> tuple[str, ...]:
    return requirements.requirements_of(script_deps, script_content, "acme")


def test_lines_are_names_extras_and_versions() -> None:
    text = "pandas>=2,<3\n\n# a comment\nrequests[socks] ~= 2.31  # why\n  six  \nsix\n"
    assert requirements_of(text, "") == ("pandas<3,>=2", "requests[socks]~=2.31", "six")


@pytest.mark.parametrize("line", ["requests bs4", "requests, bs4>=4", "pandas>=2;numpy", "a[b] c"])
def test_several_on_a_line_are_told_to_be_written_apart(line: str) -> None:
    with override("en"), pytest.raises(InvalidRequirementError, match="write each on a line of its own"):
        requirements_of(line, "")


def test_a_block_in_the_script_counts_as_well() -> None:
    assert requirements_of("six", BLOCK) == ("pandas<3,>=2", "requests[socks]", "six")


def test_a_script_without_any_needs_nothing() -> None:
    assert requirements_of("", "import json\n# /// other\n# dependencies = ['x']\n# ///\n") == ()


@pytest.mark.parametrize(
    "line",
    [
        "https://example.com/evil.whl",
        "evil @ https://example.com/evil.whl",
        "evil @ file:///tmp/evil.whl",
        "git+https://example.com/evil.git",
        "./evil",
        "/tmp/evil.whl",
        "evil.whl/../x",
        "-e .",
        "--editable=.",
        "-r other.txt",
        "-c other.txt",
        "--index-url https://example.com/simple",
        "-i https://example.com/simple",
        "--extra-index-url=https://example.com/simple",
        "--find-links /tmp",
        "--no-binary :all:",
        "six --hash=sha256:00",
        "six==1 \\",
        "six; os_name == 'posix'",
        "six==1 six==2",
        "six, seven",
        "$(id)",
        "${HOME}",
        "six\x00",
        "a" * 400,
    ],
)
def test_nothing_else_is_taken(line: str) -> None:
    with pytest.raises(InvalidRequirementError) as wrong:
        requirements_of(line, "")
    assert wrong.value.field == "script_deps"


@pytest.mark.parametrize(
    "block",
    [
        '# dependencies = ["evil @ https://example.com/x.whl"]',
        '# dependencies = "six"',
        "# dependencies = [1]",
        "# dependencies = [",
        '# requires-python = ">=99"',
        '# requires-python = "nonsense"',
        "# requires-python = 3",
    ],
)
def test_a_wrong_block_is_named(block: str) -> None:
    with pytest.raises(InvalidRequirementError) as wrong:
        requirements_of("", f"# /// script\n{block}\n# ///\n")
    assert wrong.value.field == "script_content"


def test_two_blocks_are_refused() -> None:
    with pytest.raises(InvalidRequirementError):
        requirements_of("", BLOCK + BLOCK)


def test_there_are_not_too_many() -> None:
    with pytest.raises(InvalidRequirementError):
        requirements_of("\n".join(f"package{n}" for n in range(51)), "")


def test_the_operators_lists_know_a_name_in_any_spelling() -> None:
    wanted = ("My_Package>=1", "six")
    assert list(refused(wanted, [], ["my-package"])) == ["my-package"]
    assert list(refused(wanted, ["SIX"], [])) == ["my-package"]
    assert list(refused(wanted, [], [])) == []


def test_what_comes_along_is_denied_as_well() -> None:
    lock = "six==1.0 \\\n    --hash=sha256:00\nmy-package==2 \\\n    --hash=sha256:00\n"
    assert denied_in(lock, ["My.Package", "other"]) == ["my-package"]


@pytest.mark.parametrize(
    "script",
    ["# /// a\n" * 131_000, "# /// script\n" * 80_000, "# /// script\n#\n" + "# x\n" * 250_000],
    ids=["starts", "starts of ours", "one without end"],
)
def test_a_comment_that_is_no_block_is_read_once(script: str) -> None:
    assert requirements_of("six", script[: 1 << 20]) == ("six",)


@pytest.mark.parametrize(
    "block",
    [
        "# a = " + "[" * 2000,
        "# a = " + "{b=" * 2000,
        "# [" + "a." * 100_000 + "a]",
        "# requires-python = '" + ">=3," * 100_000 + "x'",
        "# dependencies = ['" + "a" * 900_000 + "']",
        "# " + "a." * 50_000 + "b = 1",
    ],
    ids=["lists", "tables", "a long table", "versions", "a long name", "dotted keys"],
)
def test_a_block_however_made_is_refused_in_words(block: str) -> None:
    with pytest.raises(InvalidRequirementError) as wrong:
        requirements_of("", f"# /// script\n{block}\n# ///\n")
    assert wrong.value.field == "script_content"
    assert len(str(wrong.value)) < 1000


def test_a_block_ends_at_the_last_end_of_its_comment() -> None:
    script = "# /// script\n# dependencies = ['six']\n# ///\n# more\n# ///\n"
    with pytest.raises(InvalidRequirementError, match="/// script"):
        requirements_of("", script)


def test_a_block_may_have_line_breaks_of_windows() -> None:
    assert requirements_of("", BLOCK.replace("\n", "\r\n")) == ("pandas<3,>=2", "requests[socks]")
