"""Records that nobody writes on purpose and that must not end a check: half letters, endless brackets, no calendar."""

from __future__ import annotations

import pytest

from tests.capture.capturing import ROW, many, reading, record, rows_of

READ = (41.0, "basic", "Yes", "2026-01-02", "yes", (0.25, 0.75), None, None)
OBJECT = '{"age": 41, "plan": "basic", "member": "Yes", "signed": "2026-01-02", "note": null}'
HALF = {  # half a surrogate pair, which JSON lets through as an escape and no text holds
    "in CSV": record(ROW.replace("basic", "HALF") + "\n").replace(b"HALF", b"\\ud800"),
    "in JSON": record(OBJECT.replace("basic", "HALF"), media="application/json", encoding="JSON").replace(
        b"HALF", b"\\\\ud800"
    ),
}


@pytest.mark.parametrize("name", HALF)
def test_what_is_no_text_is_left_out_and_told(name: str) -> None:
    _, tally = reading(many(HALF[name]))
    assert tally.counted == 80
    assert [(problem["code"], problem["records"]) for problem in tally.problems()] == [("undecodable", 1)]


def test_an_id_that_is_no_text_is_none() -> None:
    line = record(inference_id="HALF").replace(b"HALF", b"\\ud800")
    batches, tally = reading(many(line), identified=True)
    assert (tally.counted, tally.problems()) == (81, [])
    assert sum(batch.identified.ids.null_count for batch in batches if batch.identified) == 1


@pytest.mark.parametrize(
    ("request_", "answer", "code"),
    [
        ("[" * 5_000, None, "another-schema"),
        (None, "[" * 5_000, "unreadable-answer"),
        (None, f'{{"label": "yes", "probabilities": {{"no": {"9" * 400}, "yes": 1}}}}', "unreadable-answer"),
    ],
    ids=["deep request", "deep answer", "an integer no float holds"],
)
def test_json_beyond_all_bounds_is_told(request_: str | None, answer: str | None, code: str) -> None:
    asked = {"request": request_, "media": "application/json", "encoding": "JSON"} if request_ else {}
    told = {"answer": answer, "answer_media": "application/json", "answer_encoding": "JSON"} if answer else {}
    _, tally = reading(many(record(**asked, **told)))
    assert [(problem["code"], problem["records"]) for problem in tally.problems()] == [(code, 1)]


@pytest.mark.parametrize(
    "time", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00", "2026-11-21T10:00:00+25:00"]
)
@pytest.mark.parametrize("others", [0, 40])
def test_a_time_that_no_calendar_holds_is_no_time(time: str, others: int) -> None:
    batches, tally = reading(many(record(time=time), others))
    assert rows_of(batches) == [READ] * (2 * others + 1)
    assert [(problem["code"], problem["records"]) for problem in tally.problems()] == [("without-time", 1)]


@pytest.mark.parametrize("line", [b"null\n", b"\n null\n", b"[]\n", b"7\n"])
def test_a_file_that_begins_with_something_else_than_an_object_is_survived(line: bytes) -> None:
    """pyarrow's reader of JSON lines ends the process where the first one is null."""
    batches, tally = reading(line + record() * 80)
    assert rows_of(batches) == [READ] * 80
    assert [(problem["code"], problem["records"]) for problem in tally.problems()] == [("not-a-record", 1)]
