"""Batch transform's filters, joins, requests and files: values in, values out."""

from __future__ import annotations

import pytest

from local.sagemaker.transform_records import (
    CSV,
    JSON,
    LINES,
    BadRecordError,
    Filter,
    Processing,
    assembled,
    records,
    requests,
    results,
)


@pytest.mark.parametrize(
    ("path", "row", "chosen"),
    [
        ("$", ["id", "1", "2"], ["id", "1", "2"]),
        ("$[1:]", ["id", "1", "2"], ["1", "2"]),
        ("$[0,-2,-1]", ["id", "1", "2", "no", "0.1"], ["id", "no", "0.1"]),
        ("$[:2]", ["id", "1", "2"], ["id", "1"]),
        ("$.features[0]", {"features": [7, 8]}, 7),
        ("$['a','b']", {"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 2}),
    ],
)
def test_a_filter_chooses(path: str, row: object, chosen: object) -> None:
    assert Filter.read(path).of(row) == chosen


@pytest.mark.parametrize("path", ["a", "$..a", "$[?(@.a)]", "$[*]"])
def test_what_sagemaker_has_not_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"\$|int"):
        Filter.read(path)


def test_a_filter_that_finds_nothing_says_so() -> None:
    with pytest.raises(BadRecordError, match="finds nothing"):
        Filter.read("$[5]").of(["a"])


def test_ids_pass_by_the_model_and_come_back_beside_its_answer() -> None:
    processing = Processing(CSV, Filter.read("$[1:]"), Filter.read("$[0,-1]"), join=True)
    rows = records(b'7,"a, b",2\n8,c,3\n', "Line")
    assert [processing.asked(row) for row in rows] == [b'"a, b",2', b"c,3"]
    assert results(rows, b"no\nyes\n", processing) == [b"7,no", b"8,yes"]
    with pytest.raises(BadRecordError, match="2 records were answered with 1 lines"):
        results(rows, b"no\n", processing)


@pytest.mark.parametrize(
    ("record", "joined"),
    [
        (b'{"id": 1}', b'{"id": 1, "SageMakerOutput": {"p": 0.5}}'),
        (b"[1, 2]", b'{"SageMakerInput": [1, 2], "SageMakerOutput": {"p": 0.5}}'),
    ],
)
def test_json_is_joined_under_sagemaker_s_own_names(record: bytes, joined: bytes) -> None:
    for media in (JSON, LINES):
        assert results([record], b'{"p": 0.5}', Processing(media, join=True)) == [joined]


def test_requests_hold_as_many_records_as_they_may() -> None:
    rows = [b"12345", b"123", b"1234", b"1"]
    assert list(requests(rows, "MultiRecord", 10)) == [[b"12345", b"123"], [b"1234", b"1"]]
    assert list(requests(rows, "SingleRecord", 10)) == [[row] for row in rows]
    with pytest.raises(BadRecordError, match="larger than MaxPayloadInMB"):
        list(requests(rows, "MultiRecord", 4))


def test_a_file_is_put_together_again() -> None:
    assert records(b"a\r\nb\n\n", "Line") == [b"a", b"b", b""]
    assert records(b"a\nb\n", "None") == [b"a\nb\n"]
    assert assembled([b"a\nb\n", b"c"], "Line") == b"a\nb\nc\n"
    assert assembled([b"a", b"b"], "None") == b"ab"
