"""What jobs leave behind, as the relay reads it: what would outgrow a record is told and never stored."""

from __future__ import annotations

import json

from chalicelib.records.events import EvaluationRead, ResultUnusable, SchemaRead
from chalicelib.relay.documents import read_evaluation, read_schema
from tests.relay.builders import evaluation

SCHEMA = {"version": 1, "task": "binary", "content_type": "application/x-parquet", "rows": {"train": 90}}


def read(**block: object) -> EvaluationRead | ResultUnusable:
    return read_evaluation(json.dumps({"sagerelay": {"version": 1, **evaluation(), **block}}).encode())


def test_classes_that_no_record_can_hold_are_unusable() -> None:
    for size in (100, 210_000):
        found = read_schema(json.dumps({**SCHEMA, "classes": ["n" * size, "y" * size]}).encode())
        assert isinstance(found, SchemaRead if size == 100 else ResultUnusable)


def test_an_evaluation_that_no_record_can_hold_is_unusable() -> None:
    found = read(classes=["n" * 210_000, "y" * 210_000])

    assert isinstance(found, ResultUnusable)
    assert "too much" in found.problem
    assert "nnn" not in found.problem


def test_the_sentences_of_an_evaluation_are_cut() -> None:
    found = read(warnings=[{"code": "odd", "sentence": "x" * 20_000}] * 50)

    assert isinstance(found, EvaluationRead)
    assert len(json.dumps(found.evaluation)) < 30_000


def test_whether_a_warning_is_told_first_is_kept() -> None:
    found = read(warnings=[{"code": "odd", "sentence": "x", "first": True}, {"code": "of-old", "sentence": "y"}])

    assert isinstance(found, EvaluationRead)
    assert [notice["first"] for notice in found.evaluation["warnings"]] == [True, False]
