from __future__ import annotations

from typing import Any

import pytest

from sandbox.host.jobs import Jobs
from scheduling import templates
from scheduling.templates import TemplateError, check_templates


def template_problems(sources: list[str], tenant_id: str) -> list[str]:
    return [found.wrong for found in check_templates(sources, tenant_id)]


def render(source: str, values: dict[str, Any]) -> str:
    return templates.render(source, values, "acme")


def test_values_are_filled_in() -> None:
    assert render("{{ a }} {{ b.c }}", {"a": 1, "b": {"c": "中"}}) == "1 中"


def test_tojson_keeps_chinese_readable() -> None:
    assert render("{{ a|tojson }}", {"a": {"k": "中"}}) == '{"k": "中"}'


def test_an_unknown_name_is_an_error_that_says_which() -> None:
    with pytest.raises(TemplateError, match="nothing"):
        render("{{ nothing }}", {})


def test_a_syntax_error_has_its_line() -> None:
    [sound, wrong] = template_problems(["{{ a }}", "ok\n{% if %}"], "acme")
    assert (sound, "line 2" in wrong) == ("", True)


def test_an_unknown_filter_is_found_before_a_run_meets_it() -> None:
    [wrong] = template_problems(["{{ a|nothing }}"], "acme")
    assert "nothing" in wrong


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ x.__init__.__globals__ }}",
        "{{ 'x' * 10 ** 9 }}",
        "{{ 'x' * 1000000000 }}",
        "{{ 1000000000 * 'x' }}",
        "{{ 9 ** (9 ** 9) }}",
        "{% for a in range(10000000) %}{% endfor %}",
        "{% for a in range(99999) %}{{ 'xxxxxxxxxxxxxxxxxxxxxxxx' }}{% endfor %}",
        "{{ x.append(1) }}",
    ],
)
def test_a_template_stays_in_its_bounds(source: str) -> None:
    with pytest.raises(TemplateError):
        render(source, {"x": [1]})


BOMBS = {
    "nested loops": "{% for a in range(9999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "macros that call macros": "{% macro f(n) %}{% if n %}{{ f(n-1) ~ f(n-1) }}{% endif %}{% endmacro %}{{ f(99) }}",
    "a text doubled": "{% set ns = namespace(s='x') %}"
    "{% for a in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
    "a number squared": "{% set ns = namespace(n=9) %}"
    "{% for a in range(60) %}{% set ns.n = ns.n * ns.n %}{% endfor %}",
    "a value that is never shown": "{% set b %}{% for a in range(99999) %}{{ text }}{% endfor %}{% endset %}",
    "a width as a value": "{{ '%*d' % (1000000000, 1) }}",
    "a replacement": "{{ text|replace('x', text) }}",
    "a join": "{{ ([text] * 9999)|join(text) }}",
    "a long source": "x" * 300_000,
    "a rounding": "{{ 1|round(60000000, 'ceil') }}",
    "a named width": "{{ '%(a)2000000000d' % {'a': 1} }}",
    "an indentation": "{{ [1]|tojson(300000000) }}",
    "batches": "{{ ['a']|batch(30000000, 'x')|list|length }}",
    "bytes of a number": "{{ (1).to_bytes(300000000, 'big')|length }}",
    "a wrapped text": "{{ ('a ' * 5000)|wordwrap(1, wrapstring='x' * 100000) }}",
    "an indented text": "{{ ('a\n' * 100000)|indent(100000) }}",
    "a translated text": "{{ ('x' * 1000000).translate({120: 'x' * 1000})|length }}",
    "a number as text": "{% for a in range(999) %}{% if (7 ** 999999)|string %}{% endif %}{% endfor %}",
    "all pairs sorted": "{% for a in range(99999) %}{% if big|sort|unique|list %}{% endif %}{% endfor %}",
    "a list repeated": "{{ ([1] * 100000000)|length }}",
    "nested blocks": "{% if 1 %}" * 25
    + "{% for a in range(9999) %}" * 15
    + "{% endfor %}" * 15
    + "{% endif %}" * 25,
    "nested brackets": "{{ " + "(" * 60_000 + ")" * 60_000 + " }}",
    "nested lists": "{{ " + "[" * 20_000 + "]" * 20_000 + " }}",
    "words of nonsense": "{{ lipsum(n=100000) }}",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_template_that_would_not_end_or_fill_all_memory_is_refused(name: str) -> None:
    values = {"big": list(range(50_000)), "copy": list(range(50_000)), "text": "x" * 500_000}
    with pytest.raises(TemplateError):
        render(BOMBS[name], values)


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("{% for row in rows %}{{ loop.index }}/{{ loop.length }} {{ row.name }}\n{% endfor %}", "1/2 a\n2/2 b\n"),
        ("{{ rows|map(attribute='name')|join(', ') }}", "a, b"),
        ("{{ rows|selectattr('n', 'gt', 1)|map(attribute='n')|list }}", "[2]"),
        ("{{ text|replace('x', 'yy')|length }}", "1000000"),
        ("{% for word in ['x', 'y'] if word in text %}{{ word }}{% endfor %}", "x"),
        ("{{ '%05.1f %s' % (1.25, 1700000000) }} {{ '{:>3}'.format(7) }}", "001.2 1700000000   7"),
        ("{{ nothing|default('none') }} {{ nothing is defined }}", "none False"),
        ("{{ 2 * 3 }} {{ '-' * 5 }} {{ [1] + [2] }} {{ 1700000000 * 1000 }}", "6 ----- [1, 2] 1700000000000"),
        ("{% macro item(x) %}<{{ x }}>{% endmacro %}{{ item(1) }}{{ item(2) }}", "<1><2>"),
        ("{{ (rows|groupby('n')|first).grouper }} {{ rows|sum(attribute='n') }}", "1 3"),
        ("{% set total = namespace(n=0) %}{% for r in rows %}{% set total.n = total.n + r.n %}{% endfor %}"
         "{{ total.n }}", "3"),
    ],
)  # fmt: skip
def test_what_people_write_works(source: str, made: str) -> None:
    values = {"rows": [{"name": "a", "n": 1}, {"name": "b", "n": 2}], "text": "x" * 500_000}
    assert render(source, values) == made


def test_plain_text_is_itself_and_costs_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "jobs", lambda: pytest.fail("a process was asked"))
    assert render("{due_at}\r\n} 100 %", {}) == "{due_at}\n} 100 %"
    assert template_problems(["", "{due_at}"], "acme") == ["", ""]


def test_a_template_says_which_limit_it_has_met() -> None:
    with pytest.raises(TemplateError, match=r"This takes more than 2 s of CPU time\."):
        render(BOMBS["a rounding"], {})
    with pytest.raises(TemplateError, match=r"This takes more than 256 MiB of memory\."):
        render(BOMBS["a named width"], {})
    with pytest.raises(TemplateError, match=r"The template produces more than 1 MiB of text\."):
        render("{% for a in range(99999) %}{{ 'x' * 20 }}{% endfor %}", {})


def test_one_template_that_can_not_be_read_leaves_the_others_theirs() -> None:
    bomb = "{{ " + " ~ ".join(["'x' * 900000000"] * 3) + " }}"
    wrong = template_problems(["{{ a }}", bomb, "{% if %}"], "acme")
    assert (wrong[0], bool(wrong[2])) == ("", True)


def test_values_that_are_no_json_are_told_so() -> None:
    with pytest.raises(TemplateError, match="values"):
        render("{{ a }}", {"a": float("nan")})


def test_a_host_that_can_not_render_says_so_by_its_own_code(monkeypatch: pytest.MonkeyPatch) -> None:
    with Jobs(python="/nowhere/python") as away:
        monkeypatch.setattr(templates, "jobs", lambda: away)
        with pytest.raises(TemplateError, match="can't start") as wrong:
            render("{{ a }}", {})
        assert wrong.value.error_code == "sandbox_unavailable"
        assert "can't start" in template_problems(["{{ a }}"], "acme")[0]
