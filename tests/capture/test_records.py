"""Every kind of trouble has a code, a sentence with its place, and costs nobody else their row."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from jobs.capture import Shape, Which
from jobs.capture.codes import KINDS
from tests.capture.capturing import ANSWER, ROW, SCHEMA, TIME, many, reading, record, rows_of

READ = (41.0, "basic", "Yes", "2026-01-02", "yes", (0.25, 0.75), None, None)
UNANSWERED = (*READ[:4], None, None, None, None)
HEADER = "age,plan,member,signed,note"
OBJECT = '{"age": 41, "plan": "basic", "member": "Yes", "signed": "2026-01-02", "note": null}'

LEFT_OUT = {
    "truncated": record()[:200] + b"\n",
    "not-json": b"\x00\x01\xff\xfe binary\n",
    "not-a-record": b'{"hello": 1}\n',
    "without-input": record(request=None),
    "undecodable": record("####", encoding="CSV").replace(b'"encoding": "CSV"', b'"encoding": "BASE64"'),
    "unknown-format": record("<row/>", media="application/xml", encoding="JSON"),
    "no-rows": record("\n"),
    "fewer-columns": record("41,basic\n"),
    "more-columns": record(ROW + ",1,2\n"),
    "another-schema": record('{"weight": 3}', media="application/json", encoding="JSON"),
    "unreadable-cell": record(ROW.replace("41", "forty") + "\n"),
}
FEATURES_ONLY = {
    "without-answer": record(answer=None),
    "unreadable-answer": record(answer="perhaps,0.5,0.5\n"),
    "rows-differ": record(answer=f"{ANSWER}\n{ANSWER}\n"),
}
READ_ALL_THE_SAME = {
    "without-time": record(time=None),
    "base64": record(encoding="BASE64", answer_encoding="BASE64"),
    "byte-order-mark": record("\ufeff" + ROW + "\n"),
}


@pytest.mark.parametrize("code", LEFT_OUT)
def test_left_out_and_told(code: str) -> None:
    batches, tally = reading(many(LEFT_OUT[code]))
    assert rows_of(batches) == [READ] * 80
    assert (tally.records, tally.counted, tally.rows) == (81, 80, 80)
    [problem] = tally.problems()
    assert (problem["code"], problem["records"]) == (code, 1)
    assert "capture/f.jsonl line 41" in problem["sentence"]
    assert "forty" not in problem["sentence"]


@pytest.mark.parametrize("code", FEATURES_ONLY)
def test_features_count_where_the_answer_cannot(code: str) -> None:
    batches, tally = reading(many(FEATURES_ONLY[code]))
    assert rows_of(batches) == sorted([*[READ] * 80, UNANSWERED], key=repr)
    assert [problem["code"] for problem in tally.problems()] == [code]
    assert tally.counted == 81


@pytest.mark.parametrize("code", READ_ALL_THE_SAME)
def test_read_all_the_same_and_told(code: str) -> None:
    batches, tally = reading(many(READ_ALL_THE_SAME[code]))
    assert rows_of(batches) == [READ] * 81
    assert [(problem["code"], problem["records"]) for problem in tally.problems()] == [(code, 1)]


@pytest.mark.parametrize("cell", ["NaN", "nan", "inf", "-Infinity", "1e39"])
def test_numbers_that_are_none_are_missing_and_told(cell: str) -> None:
    batches, tally = reading(many(record(ROW.replace("41", cell) + "\n")))
    assert sum(row[0] is None for row in rows_of(batches)) == 1
    assert [(problem["code"], problem["records"]) for problem in tally.problems()] == [("not-finite", 1)]


def test_json_words_that_are_no_json_are_told_too() -> None:
    line = record(OBJECT.replace("41", "NaN"), media="application/json", encoding="JSON")
    _, tally = reading(many(line))
    assert [problem["code"] for problem in tally.problems()] == ["not-finite"]


@pytest.mark.parametrize(
    "line",
    [
        record(ROW),
        record(ROW + "\r\n"),
        record(f"{HEADER}\n{ROW}\n"),
        record("plan,member,note,signed,age\nbasic,Yes,hello,2026-01-02,41\n"),
        record("plan,churned,member,note,signed,age\nbasic,no,Yes,hello,2026-01-02,41\n"),
        record('"41","basic",YES,2026-01-02,"a ""quoted"" note, with\na new line"\n'),
        record(" 41 , basic ,1,2026-01-02,hello\n"),
        record(OBJECT, media="application/json", encoding="JSON"),
        record(f"[{OBJECT}]", media="application/json; charset=utf-8", encoding="JSON"),
        record(f'{{"instances": [{OBJECT}]}}', media="application/json", encoding="JSON"),
        record(OBJECT + "\n", media="application/jsonlines", encoding="JSON"),
        record(
            answer='{"label": "yes", "probabilities": {"no": 0.25, "yes": 0.75}}\n',
            answer_media="application/jsonlines",
            answer_encoding="JSON",
        ),
        record(
            answer='{"predictions": [{"label": "yes", "probabilities": {"no": 0.25, "yes": 0.75}}]}',
            answer_media="application/json",
            answer_encoding="JSON",
        ),
        record(attributes=["trace=1"]),
        record(attributes="trace=1"),
        record(time="2026-11-21T12:00:00.250+02:00"),
    ],
)
def test_every_way_to_ask_is_the_same_row(line: bytes) -> None:
    for data in (line, many(line)):
        batches, tally = reading(data)
        assert set(rows_of(batches)) == {READ}
        assert tally.rows == tally.records
        assert tally.problems() == []


def test_several_rows_in_a_record_and_none_of_them_lost() -> None:
    rows = "".join(f"{age},pro,No,2026-01-02,\n" for age in range(100))
    batches, tally = reading(record(rows, f"{ANSWER}\n" * 100) * 3)
    assert sorted(row[0] for row in rows_of(batches)) == sorted([*range(100)] * 3)
    assert (tally.records, tally.rows) == (3, 300)


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (",,,,", (None, None, None, None)),
        ("n/a,NA,null,?,", (None, None, None, None)),
        ("1,unknown,0,-,", (1.0, "unknown", "No", None)),
        ("1, wide ,TRUE,x,", (1.0, " wide ", "Yes", "x")),
        ("1, new word ,no,x,", (1.0, "new word", "No", "x")),
    ],
)
def test_a_cell_means_what_it_means_to_the_model(cells: str, read: tuple[Any, ...]) -> None:
    """A missing word is missing unless training knew it as a category; blanks and spellings are no difference."""
    for data in (record(cells + "\n"), record(cells + "\n") * 50):
        batches, _ = reading(data)
        assert {row[:4] for row in rows_of(batches)} == {read}


def test_records_that_sagerelay_sent_are_left_out() -> None:
    data = record() + record(attributes=["sagerelay=evaluation"]) + record(attributes="x=1;sagerelay=drill-d1")
    _, tally = reading(data)
    assert (tally.counted, tally.left_out) == (1, {"drill": 1, "evaluation": 1})


def test_a_drill_counts_its_own_records_only() -> None:
    data = record() + record(attributes=["sagerelay=drill-d1"]) + record(attributes=["sagerelay=drill-d2"])
    for times in (1, 30):
        _, tally = reading(data * times, Which(datetime(2027, 1, 1, tzinfo=UTC), drill="d1"))
        assert (tally.counted, tally.left_out) == (times, {"drill": times, "other-traffic": times})


def test_what_an_earlier_model_answered_is_left_out_unless_all_is_kept() -> None:
    promoted = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
    data = (record() + record(time="2026-11-21T09:59:59Z")) * 30
    _, tally = reading(data, Which(promoted))
    assert (tally.counted, tally.left_out) == (30, {"earlier-model": 30})
    assert (tally.first, tally.last) == (promoted, promoted)
    assert reading(data, Which(promoted, keep_all=True))[1].counted == 60


def test_a_row_has_the_callers_id_or_the_events() -> None:
    two = record(f"{ROW}\n{ROW}\n", f"{ANSWER}\n{ANSWER}\n", inference_id="mine")
    for data in (record() + two, many(two)):
        batches, _ = reading(data, identified=True)
        ids = [name for batch in batches if batch.identified for name in batch.identified.ids.to_pylist()]
        assert set(ids) == {"e-1", "mine/1", "mine/2"}
        seconds = {value for batch in batches if batch.identified for value in batch.identified.seconds.tolist()}
        assert seconds == {datetime.fromisoformat(TIME).timestamp()}


def test_raw_cells_are_what_the_caller_wrote() -> None:
    for data in (record(" 41 ,NA,yes,,x\n"), record(" 41 ,NA,yes,,x\n") * 50):
        batches, _ = reading(data, shape=Shape.raw(SCHEMA))
        assert {row[:5] for row in rows_of(batches)} == {(" 41 ", "NA", "yes", None, "x")}


def test_regression_answers_are_numbers() -> None:
    schema = SCHEMA | {"task": "regression", "classes": None}
    odd = record(answer='{"prediction": 3.5}\n', answer_media="application/jsonlines", answer_encoding="JSON")
    for data in (record(answer="3.5\n"), many(record(answer="3.5\n")).replace(ANSWER.encode(), b"3.5"), odd):
        batches, tally = reading(data, shape=Shape.of(schema))
        assert {row[4] for row in rows_of(batches)} == {3.5}
        assert tally.problems() == []


def test_a_header_is_found_where_it_would_pass_for_a_row() -> None:
    words = [dict(entry, kind="categorical") for entry in SCHEMA["columns"][:5]]
    shape = Shape.of(SCHEMA | {"columns": [*words, SCHEMA["columns"][5]]})
    batches, tally = reading(many(record(f"{HEADER}\n{ROW}\n")), shape=shape)
    assert (tally.rows, len(rows_of(batches))) == (81, 81)
    assert not any("plan" in row for row in rows_of(batches))


def test_what_awss_documentation_shows_is_read() -> None:
    shown = {
        "captureData": {
            "endpointInput": {
                "observedContentType": "text/csv",
                "mode": "INPUT",
                "data": "69,0,153.7,109,194.0,105,256.1\n",
                "encoding": "CSV",
            },
            "endpointOutput": {
                "observedContentType": "text/csv; charset=utf-8",
                "mode": "OUTPUT",
                "data": "0.0254181120544672",
                "encoding": "CSV",
            },
        },
        "eventMetadata": {"eventId": "aaaaaaaa-bbbb", "inferenceTime": "2022-02-14T17:25:49Z"},
        "eventVersion": "0",
    }
    columns = [{"name": f"c{place}", "kind": "numeric", "used": True} for place in range(7)]
    schema: Any = {"columns": columns, "target": "y", "classes": None}
    batches, tally = reading(json.dumps(shown).encode(), shape=Shape.of(schema))
    assert [row[:8] for row in rows_of(batches)] == [(69.0, 0.0, 153.7, 109.0, 194.0, 105.0, 256.1, 0.0254181120544672)]
    assert tally.problems() == []


def test_files_may_be_packed_and_damaged_and_empty() -> None:
    packed = gzip.compress(record() * 3) + gzip.compress(record())
    assert reading(packed)[1].rows == 4
    _, tally = reading(gzip.compress(record() * 5000)[:-20])
    assert [problem["code"] for problem in tally.problems()][-1] == "damaged-gzip"
    _, tally = reading(b"")
    assert [(problem["code"], problem["records"]) for problem in tally.problems()] == [("empty-file", 1)]
    assert not tally.spoilt


def test_a_file_may_begin_with_a_mark_and_end_without_a_line_break() -> None:
    _, tally = reading(b"\xef\xbb\xbf" + record() + b"\n  \n" + record().rstrip(b"\n"))
    assert tally.rows == 2
    assert [problem["code"] for problem in tally.problems()] == ["byte-order-mark"]


def test_nothing_readable_is_spoilt_and_nothing_there_is_not() -> None:
    assert reading(b"garbage\n" * 100)[1].spoilt
    assert reading(LEFT_OUT["unreadable-cell"])[1].spoilt
    assert not reading(record(attributes=["sagerelay=evaluation"]) + b"garbage\n")[1].spoilt
    assert not reading(b"")[1].spoilt


def test_every_code_has_a_case_here() -> None:
    covered = {*LEFT_OUT, *FEATURES_ONLY, *READ_ALL_THE_SAME, "not-finite", "damaged-gzip", "empty-file"}
    assert covered == set(KINDS)


def test_a_callers_id_is_found_among_its_custom_attributes() -> None:
    """In lists, in one string, beside others; that of InferenceId comes first, that of the event last."""
    lines = [
        record(attributes=["trace=1", "inference-id=order-1"], event_id="e1", inference_id=None),
        record(attributes=["inference_id=order-2;trace=2"], event_id="e2", inference_id=None),
        record(attributes=["inference-id=order-3"], event_id="e3", inference_id="given"),
        record(attributes=["trace=4"], event_id="e4", inference_id=None),
        record(attributes=None, event_id="e5", inference_id=None),
    ]
    ids = ["order-1", "order-2", "given", "e4", "e5"]
    found, _ = reading(b"".join(lines), identified=True)
    assert [name for batch in found if batch.identified for name in batch.identified.ids.to_pylist()] == ids
    spoiled = b"".join([*lines, b"[]\n"])  # read line by line
    found, _ = reading(spoiled, identified=True)
    assert [name for batch in found if batch.identified for name in batch.identified.ids.to_pylist()] == ids
