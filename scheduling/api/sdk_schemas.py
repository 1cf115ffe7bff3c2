"""Schemas of what a script may call, as `sandbox.declarations` declares it."""

from __future__ import annotations

from typing import Any

from ninja import Schema


class Function(Schema):
    name: str
    signature: str
    doc: str
    doc_zh: str
    example: str
    max_bytes: dict[str, int]
    max_total_bytes: int | None


class Variable(Schema):
    name: str
    doc: str
    doc_zh: str


class Module(Schema):
    name: str
    source: str
    example: str


class ResultType(Schema):
    name: str
    doc: str
    doc_zh: str
    example: str


class Example(Schema):
    name: str
    title: str
    title_zh: str
    description: str
    description_zh: str
    parameters: dict[str, Any]
    parameters_zh: dict[str, Any]
    dependencies: str
    script: str


class SdkDocs(Schema):
    functions: list[Function]
    variables: list[Variable]
    modules: list[Module]
    result_types: list[ResultType]
    examples: list[Example]
