"""What the platform has to know of a kind of task, and where its parts are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise

from common.rules import Rule


@dataclass(frozen=True)
class Kind:
    """A kind of task.

    `name` is what `execution_type` holds, at most 10 characters. `queue` says which workers run it: `io` has threads,
    for what waits on others; `script` has a process for each run. `timeout_seconds` is the limit of a task that sets
    none, and `about` a sentence on what a run does.

    `builder` is the dotted path of `build(run, task, context) -> Executor`, which only workers load. It may raise
    ConfigError.

    A kind may have columns of its own, in `columns.py` of its folder. `needs` names those that no run can begin
    without, `rules` says what they may hold, `templates` names those that are templates, and the names that
    each of these may use. `fieldset` lays them out on the task's form, line by line; those in `limits` and `advanced`
    stand in its folded sections of these names. `editors` gives some of them an editor: its lines and its language.
    `fields` and `shown` are the dotted paths of the API's schemas of these columns, in a request and in a response.

    `ends_with_lease`: a run can't outlive its worker's lease, so nothing has to be looked for outside.
    `uses_windows`: a new interval task of this kind hands out data windows unless it says otherwise.
    """

    name: str
    label: str | Promise
    about: str
    queue: str
    timeout_seconds: int
    builder: str
    needs: tuple[str, ...] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    templates: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fieldset: tuple[str | tuple[str, ...], ...] = ()
    limits: tuple[str | tuple[str, ...], ...] = ()
    advanced: tuple[str | tuple[str, ...], ...] = ()
    editors: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    fields: str = ""
    shown: str = ""
    ends_with_lease: bool = False
    uses_windows: bool = False
