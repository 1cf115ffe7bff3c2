"""How the code reads, and where its tests are: docstrings say what is done, columns what they hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from platform_site.config.data_dir import BASE_DIR

ROOMS = ("bench", "common", "notifications", "platform_site", "sandbox", "scheduling", "tenants", "testing")
OTHERS = {"tests", "migrations", "fixtures"}
# What the first line of a function's docstring may begin with. A verb that is missing here may be added.
VERBS = frozenset(
    """
    Accept Acknowledge Add Adopt Advance Aim Allow Announce Answer Append Apply Arrange Ask Assert Attach Audit Await
    Be Begin Bind Block Break Bring Build Bump Cache Calculate Call Cancel Carry Catch Change Check Choose Claim Clean
    Clear Close Collect Combine Compare Compile Complete Compute Confirm Connect Consume Continue Convert Copy Count
    Cover Create Cut Deal Decide Declare Decode Decrypt Define Delay Delete Deliver Deny Describe Detach Detect Discard
    Dispatch Divide Do Drain Draw Drive Drop Dump Edit Embed Empty Enable Encode Encrypt End Enqueue Ensure Enter Escape
    Estimate Evict Exchange Execute Exit Expand Explain Export Express Extend Extract Fail Fetch Fill Filter Find Finish
    Fire Fit Flush Fold Follow Forbid Forget Format Forward Free Freeze Gather Generate Get Give Go Group Guess Hand
    Handle Hide Hold Ignore Import Include Insert Inspect Install Interrupt Iterate Join Judge Keep Kill Label Launch
    Lead Learn Leave Lend Let Limit Link List Listen Load Locate Lock Log Look Make Map Mark Mask Match Measure Merge
    Migrate Mount Move Name Narrow Normalize Note Notice Notify Number Offer Open Order Own Parse Pass Patch Pause Pick
    Place Plan Poll Post Prepare Press Print Probe Produce Protect Prove Prune Publish Pull Push Put Queue Raise Reach
    Read Rebuild Receive Recognize Record Recover Redirect Reduce Refuse Register Reject Release Remember Remove Rename
    Render Renew Repeat Replace Report Request Require Rerun Reserve Reset Resolve Restart Restore Restrict Retry Return
    Revoke Rewrite Roll Rotate Round Run Save Say Scale Schedule Search See Select Send Separate Serve Set Settle Share
    Shift Show Shut Sign Skip Sleep Sort Split Spread Start State Stop Store Stream Strip Strike Submit Sum Suppress
    Swap Sweep Switch Take Tell Terminate Test Throw Tick Tidy Time Translate Treat Trim Truncate Try Turn Undo Unlock
    Unpack Update Upload Use Validate Verify Visit Wait Wake Walk Warn Watch Withdraw Work Wrap Write Yield
    """.split()  # noqa: SIM905  # forty lines of names in quotes are no easier to read
)
COLUMNS = {
    "scheduling/models/task.py": "ScheduledTask",
    "scheduling/models/run.py": "Run",
    "notifications/models.py": "Delivery",
}


def sources() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((BASE_DIR / room).rglob("*.py")):
            if not OTHERS & set(path.relative_to(BASE_DIR).parts):
                yield path


def is_spoken_by(decorator: str) -> bool:
    """Return whether what a function so decorated says is read as a noun, or by the API's readers."""
    return "property" in decorator or ".setter" in decorator or decorator.startswith(("router.", "api."))


def faults(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) or not (
            text := ast.get_docstring(node)
        ):
            continue
        name, line = getattr(node, "name", "the module"), getattr(node, "lineno", 1)
        first = text.split()[0].strip(".,:;`")
        decorators = [ast.unparse(one) for one in getattr(node, "decorator_list", [])]
        if isinstance(node, ast.FunctionDef) and not any(map(is_spoken_by, decorators)):
            if first not in VERBS:
                yield f"line {line}: {name} does not begin with what it does: {text.splitlines()[0]!r}"
        elif first[:1].islower() and not text.startswith("`"):
            yield f"line {line}: {name} does not begin with a capital: {text.splitlines()[0]!r}"


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_a_docstring_begins_with_what_is_done(path: Path) -> None:
    assert list(faults(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(("path", "model"), COLUMNS.items())
def test_each_column_says_what_it_holds(path: str, model: str) -> None:
    text = (BASE_DIR / path).read_text()
    lines = text.splitlines()
    [found] = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name == model]
    columns = [
        node for node in found.body if isinstance(node, ast.Assign) and "Field(" in ast.unparse(node.value)
    ]
    assert columns
    unsaid = [
        ast.unparse(node.targets[0]) for node in columns if not lines[node.lineno - 2].strip().startswith("#")
    ]
    assert unsaid == []


@pytest.mark.parametrize("room", ["acts", "beat", "lifecycle", "worker"])
def test_each_module_of_the_engine_has_a_test_module_of_its_name(room: str) -> None:
    modules = {path.stem for path in (BASE_DIR / "scheduling" / room).glob("*.py")} - {"__init__"}
    tests = {path.stem for path in (BASE_DIR / "scheduling" / "tests" / room).glob("test_*.py")}
    assert modules
    assert {name for name in modules if f"test_{name}" not in tests} == set()


def test_what_is_not_said_well_is_found() -> None:
    code = 'def a():\n    """Of others."""\n@property\ndef b():\n    """The rest."""\ndef c():\n    """Return it."""'
    assert len(list(faults(ast.parse(code)))) == 1
