import pytest

from common.templating import WrongTemplate, check, render


def test_values_are_filled_in() -> None:
    assert render("{{ a }} {{ b.c }}", {"a": 1, "b": {"c": "中"}}) == "1 中"


def test_tojson_keeps_chinese_readable() -> None:
    assert render("{{ a|tojson }}", {"a": {"k": "中"}}) == '{"k": "中"}'


def test_an_unknown_name_is_an_error_that_says_which() -> None:
    with pytest.raises(WrongTemplate, match="nothing"):
        render("{{ nothing }}", {})


def test_a_syntax_error_has_its_line() -> None:
    with pytest.raises(WrongTemplate, match="line 2"):
        check("ok\n{% if %}")


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ x.__init__.__globals__ }}",
        "{{ 'x' * 10 ** 9 }}",
        "{{ 'x' * 100000000 }}",
        "{{ 100000000 * 'x' }}",
        "{{ 9 ** 9 ** 9 }}",
        "{% for a in range(10000000) %}{% endfor %}",
        "{% for a in range(99999) %}{{ 'xxxxxxxxxxxxxxxxxxxxxxxx' }}{% endfor %}",
        "{{ x.append(1) }}",
    ],
)
def test_a_template_stays_in_its_bounds(source: str) -> None:
    with pytest.raises(WrongTemplate):
        render(source, {"x": [1]})


BOMBS = {
    "nested loops": "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
    "loops over a value": "{% for a in big %}{% for b in big %}{% endfor %}{% endfor %}",
    "loops over a filter": "{% for a in big|map('abs') %}{% for b in big|map('abs') %}{% endfor %}{% endfor %}",
    "a loop that calls itself": "{% for a in big recursive %}{{ loop(big) }}{% endfor %}",
    "macros that call macros": "{% macro f(n) %}{% if n %}{{ f(n-1) ~ f(n-1) }}{% endif %}{% endmacro %}{{ f(99) }}",
    "filters in a loop": "{% for a in range(9999) %}{% if text|reverse|reverse %}{% endif %}{% endfor %}",
    "comparisons in a loop": "{% for a in range(9999) %}{% if big == copy %}{% endif %}{% endfor %}",
    "tests in a loop": "{% for a in range(9999) %}{% if big is eq(copy) %}{% endif %}{% endfor %}",
    "slices in a loop": "{% for a in range(9999) %}{% set b = big[1:] %}{% endfor %}",
    "a text doubled": "{% set ns = namespace(s='x') %}"
    "{% for a in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
    "a sum doubled": "{% set ns = namespace(s=[1]) %}"
    "{% for a in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
    "a number squared": "{% set ns = namespace(n=9) %}"
    "{% for a in range(60) %}{% set ns.n = ns.n * ns.n %}{% endfor %}",
    "a block that is never shown": "{% set b %}{% for a in range(99999) %}"
    + "x" * 9999
    + "{% endfor %}{% endset %}",
    "a value that is never shown": "{% set b %}{% for a in range(99999) %}{{ text }}{% endfor %}{% endset %}",
    "a wide filter": "{{ 'x'|center(1000000000) }}",
    "a wide method": "{{ 'x'.ljust(1000000000) }}",
    "a wide number": "{{ '%1000000000d' % 1 }}",
    "a width as a value": "{{ '%*d' % (1000000000, 1) }}",
    "a wide format": "{{ '{:1000000000}'.format(1) }}",
    "a wide format's value": "{{ '{:{w}}'.format(1, w=1000000000) }}",
    "a wide format filter": "{{ '%1000000000d'|format(1) }}",
    "a replacement": "{{ text|replace('x', text) }}",
    "a replacement by method": "{{ text.replace('x', text) }}",
    "a join": "{{ ([text] * 9999)|join(text) }}",
    "a long source": "x" * 300_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_template_that_would_not_end_or_fill_all_memory_is_refused(name: str) -> None:
    values = {"big": list(range(50_000)), "copy": list(range(50_000)), "text": "x" * 500_000}
    with pytest.raises(WrongTemplate):
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


def test_each_rendering_has_the_whole_budget() -> None:
    source = "{% for a in range(60000) %}{% endfor %}ok"
    assert [render(source, {}) for _ in range(4)] == ["ok"] * 4
