"""The names that a template takes from outside, as the jail reads them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.host.jobs import Jobs, WrongTemplateError


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    with Jobs() as jobs:
        yield jobs


WORKING = [
    "{{ x is defined }} {{ x is none }} {{ x|default(1) }} {{ x|d(1) }} {{ x|pprint }}",
    "{% if x is defined %}{{ x.y }}{% else %}-{% endif %}",
    "{{ x.y if x is defined }}",
    "{% set x = 1 %}{{ x }}",
    "{% if a %}{% set x = 1 %}{% endif %}{{ x }}",
    "{% if a %}{% macro x() %}1{% endmacro %}{% endif %}{{ x() }}",
    "{% set x %}1{% endset %}{{ x ~ 1 }}",
    "{% with x = 1 %}{{ x }}{% endwith %}",
    "{% for x in [1] %}{{ loop.index }}{{ x }}{% endfor %}",
    "{% for k, x in {'a': 1}.items() %}{{ k }}{{ x + 1 }}{% endfor %}",
    "{% for k, v in x|items %}{{ k }}{% endfor %}",
    "{% macro f(x, y=2) %}{{ x }}{{ y }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1) }}",
    "{% macro f() %}{{ caller(1) }}{% endmacro %}{% call(x) f() %}{{ x }}{% endcall %}",
    "{% macro f(y) %}{{ y|default('-') }}{% endmacro %}{{ f(x) }}{{ f(y=x) }}",
    "{% set y = x %}{{ y|default('-') }}",
    "{{ [x, a]|select('defined')|join }}",
    "{{ {'k': x}|length }} {{ (a or x)|d(1) }} {{ (a if a else x)|d(1) }}{% if 0 and x %}{% endif %}",
    "{{ 1 if x in [] else 2 }}",
    "{% set n = namespace(v=1) %}{% set n.v = 2 %}{{ n.v }}{{ range(2)|list }}{{ dict(k=1) }}{{ cycler(1).next() }}",
    "{% block b %}1{% endblock %}{{ self.b() }}",
    "{# {{ x }} #}{% raw %}{{ x }}{% endraw %}",
]


@pytest.mark.parametrize("source", WORKING)
def test_a_template_that_is_rendered_without_a_name_does_not_need_it(jobs: Jobs, source: str) -> None:
    try:
        jobs.render(source, {"a": 1})
    except WrongTemplateError as wrong:
        pytest.fail(f"not an example: {wrong}")
    [found] = jobs.check_templates([source])
    assert (found.wrong, found.needs - {"a"}) == ("", frozenset())


FAILING = [
    "{{ x }}", "{{ x.y }}", "{{ x['y'] }}", "{{ x() }}", "{{ x.y.z|default(1) }}", "{{ x|tojson }}",
    "{{ x ~ 'a' }}", "{{ x + 1 }}", "{{ 1 == x }}", "{{ x == 1 }}", "{{ not x }}", "{{ 1 if x }}",
    "{% if x %}{% endif %}", "{% for y in x %}{% endfor %}", "{{ x or 1 }}", "{{ a in x }}",
    "{% for x in [1] %}{{ x }}{% endfor %}{{ x1 }}", "{{ x|upper|default(1) }}",
    "{% block b %}{{ x }}{% endblock %}", "{% macro f() %}{{ x }}{% endmacro %}{{ f() }}",
]  # fmt: skip


@pytest.mark.parametrize("source", FAILING)
def test_a_template_that_fails_without_a_name_needs_it(jobs: Jobs, source: str) -> None:
    with pytest.raises(WrongTemplateError, match=r"undefined|serializable"):
        jobs.render(source, {"a": 1})
    [found] = jobs.check_templates([source])
    assert found.needs - {"a"} == found.uses - {"a"} != frozenset()


def test_names_are_those_from_outside_alone(jobs: Jobs) -> None:
    [found] = jobs.check_templates(["{% set y = a.b %}{{ y }}{{ z }}{{ c|d }}"])
    assert (set(found.uses), set(found.needs)) == ({"a", "c", "z"}, {"a", "z"})
