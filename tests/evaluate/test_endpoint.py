"""Requests in order and in size, patience with what passes, and no patience with what does not."""

import csv
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from jobs.evaluate.answers import UnreadableAnswerError, actual_values, predictions
from jobs.evaluate.endpoint import Answer, EndpointError, ask
from jobs.evaluate.live import request_columns, why_not_comparable
from jobs.tables.bodies import MOST_BYTES, Body, read_target, request_bodies


class Endpoint:
    """A sagemaker-runtime client that answers each body with its own rows, after the given failures."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.requests: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            self.requests.append(request)
            if self.failures:
                raise self.failures.pop(0)
        return {"Body": io.BytesIO(request["Body"])}


def refused(code: str, status: int, **more: Any) -> ClientError:
    response = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(response, "InvokeEndpoint")


def bodies(count: int) -> list[Body]:
    return [Body(2 + place, 1, f"a\n{place}\n") for place in range(count)]


def test_answers_come_in_the_order_of_the_requests_and_are_marked_as_evaluation() -> None:
    client = Endpoint()
    answers = list(ask(client, "candidate", bodies(50)))
    assert [answer.text for answer in answers] == [body.text for body in bodies(50)]
    assert {request["EndpointName"] for request in client.requests} == {"candidate"}
    assert {request["CustomAttributes"] for request in client.requests} == {"sagerelay=evaluation"}


def test_reads_ahead_but_not_without_bound() -> None:
    read = []

    def endless() -> Iterator[Body]:
        for body in bodies(1_000):
            read.append(body)
            yield body

    answers = ask(Endpoint(), "candidate", endless(), in_flight=2)
    next(answers)
    assert len(read) <= 5
    answers.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "failure",
    [
        refused("ThrottlingException", 400),
        refused("ServiceUnavailable", 503),
        refused("ModelNotReadyException", 429),
        refused("ModelError", 424, OriginalStatusCode=500),
        refused("ModelError", 424),
        EndpointConnectionError(endpoint_url="http://x"),
        ReadTimeoutError(endpoint_url="http://x"),
    ],
)
def test_what_passes_is_tried_again_after_growing_pauses(failure: Exception) -> None:
    pauses: list[float] = []
    answer = next(ask(Endpoint(*[failure] * 3), "candidate", bodies(1), pause=pauses.append))
    assert answer.tries == 4
    assert len(pauses) == 3
    assert 0.5 <= pauses[0] <= 1 < pauses[2] <= 4


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (refused("ValidationError", 400), "status 400: no"),
        (
            refused("ModelError", 424, OriginalStatusCode=400, OriginalMessage='{"error": "row 3"}'),
            'status 400: {"error"',
        ),
        (refused("AccessDeniedException", 403), "status 403"),
    ],
)
def test_what_does_not_pass_fails_at_once_with_its_words(failure: Exception, words: str) -> None:
    client = Endpoint(failure)
    with pytest.raises(EndpointError, match=r"rows 2 to 2 of test\.csv after 1 try") as raised:
        list(ask(client, "candidate", bodies(1), pause=lambda _: None))
    assert words in str(raised.value)
    assert len(client.requests) == 1


def test_patience_ends() -> None:
    with pytest.raises(EndpointError, match="after 3 tries"):
        list(ask(Endpoint(*[refused("ServiceUnavailable", 503)] * 9), "x", bodies(1), tries=3, pause=lambda _: None))


def written(path: Path, *records: list[str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(records)
    return path


def test_fields_go_out_as_they_stand_without_the_target(tmp_path: Path) -> None:
    odd = ['a "quoted", one', "two\nlines", "", "é; <b>"]
    path = written(tmp_path / "test.csv", ["x", "y", "z", "w", "t"], [*odd, "yes"], ["1", "2", "3", "4", "no"])
    (body,) = request_bodies(path, ["w", "x", "new", "y", "z"])
    sent = list(csv.reader(io.StringIO(body.text, newline="")))
    assert sent == [["w", "x", "new", "y", "z"], [odd[3], odd[0], "", odd[1], odd[2]], ["4", "1", "", "2", "3"]]
    assert read_target(path, "t") == ["yes", "no"]


def test_bodies_are_bounded_in_rows_and_bytes_and_cover_every_row_once(tmp_path: Path) -> None:
    records = [[str(row), "x" * (400_000 if row % 700 == 3 else 5), "t"] for row in range(2_500)]
    path = written(tmp_path / "test.csv", ["id", "text", "t"], *records)
    found = list(request_bodies(path, ["id", "text"]))
    assert all(body.rows <= 1_000 and len(body.text) < MOST_BYTES + 500_000 for body in found)
    ids = [record[0] for body in found for record in list(csv.reader(io.StringIO(body.text)))[1:]]
    assert ids == [str(row) for row in range(2_500)]
    assert [body.first for body in found] == [2 + sum(one.rows for one in found[:place]) for place in range(len(found))]
    assert max(body.rows for body in request_bodies(path, ["id"], numbers_per_row=1_000)) == 100


def test_a_row_no_request_can_hold_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "test.csv", ["a", "t"], ["1", "x"], ["y" * 4_000_000, "x"])
    with pytest.raises(ValueError, match=r"row 3 of test\.csv"):
        list(request_bodies(path, ["a"]))


def test_a_test_set_without_rows_or_target_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "test.csv", ["a", "t"])
    with pytest.raises(ValueError, match="no rows"):
        read_target(path, "t")
    with pytest.raises(ValueError, match='no column "q"'):
        read_target(path, "q")


SCHEMA: Any = {
    "task": "binary",
    "target": "t",
    "classes": ["no", "yes, sure"],
    "positive_class": "yes, sure",
    "columns": [{"name": "a", "used": True}, {"name": "b", "used": True}, {"name": "t", "used": False}],
}


def answer(text: str, rows: int = 2) -> list[Answer]:
    return [Answer(Body(2, rows, ""), text, 1)]


def test_classes_are_mapped_by_name_whatever_their_order() -> None:
    actual = actual_values(["no", "yes, sure"], SCHEMA)
    found = predictions(answer('"yes, sure",0.9,0.1\nno,0.2,0.8\n'), actual, SCHEMA, ["yes, sure", "no"])
    assert found.predicted.tolist() == [1, 0]
    assert found.probability is not None
    assert found.probability.tolist() == [[0.1, 0.9], [0.8, 0.2]]
    assert found.positive == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no,0.2,0.8\n", "answered 1 lines for 2 rows"),
        ("no,0.2,0.8\nno,0.5\n", "answered 2 fields for row 3"),
        ("no,0.2,0.8\nmaybe,0.5,0.5\n", 'row 3: a word like "aaaaa" is none of the 2 classes'),
        ("no,0.2,0.8\nno,nan,0.5\n", 'row 3: a word like "aaa" is not a finite number'),
    ],
)
def test_an_answer_out_of_form_is_an_error_that_names_the_row(text: str, words: str) -> None:
    with pytest.raises(UnreadableAnswerError, match=words):
        predictions(answer(text), [0, 1], SCHEMA, None)


def test_the_live_model_is_asked_only_when_the_comparison_is_fair() -> None:
    assert why_not_comparable(SCHEMA, SCHEMA) is None
    assert request_columns(SCHEMA) == ["a", "b"]
    other = json.loads(json.dumps(SCHEMA))
    other["classes"] = ["yes, sure", "no"]
    other["columns"].append({"name": "unused", "used": False})
    assert why_not_comparable(other, SCHEMA) is None
    for key, value, words in (
        ("task", "regression", "for a regression task"),
        ("target", "q", 'predicts "q"'),
        ("classes", ["no", "later"], 'does not know "yes, sure", and the new data does not hold "later"'),
        ("columns", [{"name": "gone", "used": True}], 'does not have: "gone"'),
    ):
        other = SCHEMA | {key: value}
        assert words in (why_not_comparable(other, SCHEMA) or "")
