"""Capture by the serving code: SageMaker's own form, never an answer's failure, and hardly its delay."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime
from typing import Any

import flask
import numpy as np
import pytest

from jobs.capture import Shape, Tally, Which, read
from jobs.serving import capture
from jobs.serving.answers import write_answers
from jobs.serving.capture import Capture, Observation, of_environment, record
from jobs.serving.explanations import explanations
from jobs.serving.headers import ATTRIBUTES, INFERENCE_ID, headers, inference_id
from local.containers.reply import Reply
from local.serving.capture import Observation as Seen
from local.serving.capture import Settings
from local.serving.capture import record as of_sagemaker

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
AWS = Settings("s3://b/capture", 100, frozenset({"Input", "Output"}), frozenset({"text/csv"}),
               frozenset({"application/json", "application/jsonlines"}))  # fmt: skip
ASKED = Observation("3,yes\n", "text/csv", "no,0.75,0.25\n", "text/csv", {})


class Bucket:
    def __init__(self, trouble: Exception | None = None, held: threading.Event | None = None) -> None:
        self.objects: dict[str, bytes] = {}
        self.trouble, self.held = trouble, held

    def put(self, bucket: str, key: str, body: bytes) -> None:
        if self.held:
            self.held.wait(10)
        if self.trouble:
            raise self.trouble
        self.objects[f"{bucket}/{key}"] = body


def capturing(bucket: Bucket, percentage: float = 100) -> Capture:
    return Capture("b", "capture/sagerelay-churn/AllTraffic", percentage, bucket.put)


@pytest.mark.parametrize(
    ("body", "content_type", "answer", "media"),
    [
        ("3,yes\n", "text/csv", "no,0.75,0.25\n", "text/csv"),
        ('[{"a": "ä"}]', "application/json", '{"predictions": []}', "application/json"),
        (b'{"a": 1}\n', "application/jsonlines", '{"label": "no"}\n', "application/jsonlines"),
        (b"\xff\xfe", "application/x-other", "1\n", "text/csv"),
        (b"\xff", "text/csv; charset=latin-1", "1\n", "text/csv"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {ATTRIBUTES: "a=1,sagerelay=evaluation", INFERENCE_ID: "order-17"}])
def test_a_record_is_what_sagemaker_would_have_written(
    body: Any, content_type: str, answer: str, media: str, headers: dict[str, str]
) -> None:
    ours = json.loads(record(Observation(body, content_type, answer, media, headers), "e", MOMENT))
    raw = body.encode() if isinstance(body, str) else body
    reply = Reply(200, f"{media}; charset=utf-8" if media.startswith("text/") else media, answer.encode())
    theirs = of_sagemaker(
        Seen(raw, content_type, reply, MOMENT, headers.get(INFERENCE_ID), headers.get(ATTRIBUTES)), AWS, "e"
    )

    assert ours == theirs


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, None),
        ({INFERENCE_ID: "a"}, "a"),
        ({ATTRIBUTES: "inference-id=a"}, "a"),
        ({ATTRIBUTES: "trace=7;inference-id=order-17;b=2"}, "order-17"),
        ({INFERENCE_ID: "a", ATTRIBUTES: "inference-id=b"}, "a"),
        ({ATTRIBUTES: "my-inference-id=b"}, None),
    ],
)
def test_the_inference_id_comes_by_either_way(given: dict[str, str], found: str | None) -> None:
    assert inference_id(given) == found


def test_what_was_captured_is_read_as_traffic() -> None:
    """By the reader of every check: rows, answers and ids; what an evaluation asked counts as its own."""
    bucket = Bucket()
    captured = capturing(bucket)
    for given in ({ATTRIBUTES: "inference-id=order-17"}, {ATTRIBUTES: "sagerelay=evaluation"}):
        assert captured.add(Observation("3,yes\n", "text/csv", "no,0.75,0.25\n", "text/csv", given), wait=10)
    schema: Any = {
        "version": 1, "target": "y", "task": "binary", "classes": ["no", "yes"],
        "columns": [{"name": "a", "kind": "numeric"}, {"name": "b", "kind": "categorical"}],
    }  # fmt: skip
    batches = list(read(bucket.objects.items(), Shape.raw(schema), Which(), identified=True))

    tally = sum((one.tally for one in batches), Tally())
    rows = [one for one in batches if one.rows]
    assert sum(one.rows for one in rows) == 1
    assert rows[0].columns["a"].to_pylist() == ["3"]
    assert rows[0].identified is not None
    assert rows[0].identified.ids.to_pylist() == ["order-17"]
    assert tally
    assert all(place.startswith("b/capture/sagerelay-churn/AllTraffic/20") for place in bucket.objects)


def test_an_explained_answer_is_read_as_the_same_traffic() -> None:
    """Among ordinary ones; what a person has explained by `ops explain` is nobody's traffic."""
    bucket, scores, names = Bucket(), np.array([[0.75, 0.25]]), ["no", "yes"]
    captured = capturing(bucket)
    why = explanations(np.array([0.1]), np.array([[[-1.2, 0.0]]]), ["a", "b"], names)
    for attributes, media, explained in (
        ("", "text/csv", None),
        ("explain=true", "application/jsonlines", why),
        ("explain=true", "application/json", why),
        ("explain=true,sagerelay=explain", "application/jsonlines", why),
    ):
        answer = write_answers(scores, names, media, explained=explained)
        assert captured.add(Observation("3,yes\n", "text/csv", answer, media, {ATTRIBUTES: attributes}), wait=10)
    schema: Any = {
        "version": 1, "target": "y", "task": "binary", "classes": names,
        "columns": [{"name": "a", "kind": "numeric"}, {"name": "b", "kind": "categorical"}],
    }  # fmt: skip
    batches = [one for one in read(bucket.objects.items(), Shape.raw(schema), Which()) if one.rows]
    assert sum(one.rows for one in batches) == 3
    assert (
        np.concatenate([one.probabilities for one in batches if one.probabilities is not None]).tolist()
        == scores.tolist() * 3
    )
    assert [word for one in batches for word in one.predicted.to_pylist()] == ["no"] * 3
    assert not any(one.tally.troubles for one in batches)


def test_what_cannot_be_written_costs_the_caller_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    captured = capturing(Bucket(trouble=RuntimeError("secret")))
    for _ in range(5):
        captured.add(ASKED, wait=10)

    assert captured.dropped == 5
    told = capsys.readouterr().out
    assert told.count("\n") == 3  # of 1, 2 and 4
    assert "RuntimeError" in told
    assert "secret" not in told


def test_a_bucket_that_does_not_answer_delays_no_answer_beyond_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Event()
    bucket = Bucket(held=held)
    captured = capturing(bucket)
    monkeypatch.setattr(capture, "MOST_WAITING", 1000)  # two records
    started = time.monotonic()
    written = [captured.add(ASKED) for _ in range(4)]
    took = time.monotonic() - started
    held.set()

    assert written == [False] * 4
    assert took < 4 * capture.LONGEST_WAIT + 1
    assert captured.dropped == 2
    deadline = time.monotonic() + 10
    while len(bucket.objects) < 2 and time.monotonic() < deadline:  # what waits is written in the end
        time.sleep(0.005)
    assert len(bucket.objects) == 2


def test_something_that_is_no_text_fails_nothing() -> None:
    odd: Any = object()
    captured = capturing(Bucket())

    assert not captured.add(Observation(odd, "text/csv", "1\n", "text/csv", {}))
    assert captured.dropped == 1


def test_as_much_is_sampled_as_was_asked_for() -> None:
    assert all(capturing(Bucket(), 100).wanted() for _ in range(100))
    assert 200 < sum(capturing(Bucket(), 30).wanted() for _ in range(1000)) < 400


@pytest.mark.parametrize(
    ("environment", "captures"),
    [
        ({}, False),
        ({"SAGERELAY_CAPTURE": "s3://b/c"}, False),
        ({"SAGERELAY_CAPTURE": "s3://b/c", "SAGERELAY_CAPTURE_PERCENTAGE": "0"}, False),
        ({"SAGERELAY_CAPTURE": "s3://b/c", "SAGERELAY_CAPTURE_PERCENTAGE": "20"}, True),
        ({"SAGERELAY_CAPTURE": "s3://b/c", "SAGERELAY_CAPTURE_PERCENTAGE": "20", "SAGEMAKER_BATCH": "true"}, False),
    ],
)
def test_the_container_captures_only_what_it_was_told_to(environment: dict[str, str], *, captures: bool) -> None:
    assert (of_environment(environment) is not None) == captures


def test_the_request_s_headers_are_those_that_flask_has() -> None:
    """However they are written: which mark an evaluation bears must not hang on upper and lower case."""
    given = {ATTRIBUTES.lower(): "sagerelay=evaluation", INFERENCE_ID.upper(): "order-17", "Accept": "text/csv"}
    assert headers() == {}
    with flask.Flask("container").test_request_context("/invocations", method="POST", headers=given):
        assert headers() == {ATTRIBUTES: "sagerelay=evaluation", INFERENCE_ID: "order-17"}
