"""The relay at work: its sweep, its waiting runs, its dead letters, and how what was found is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from chalicelib.aws.errors import BusyError, DeniedError
from chalicelib.records.run import Stage
from ops.account.finding import State, asked
from ops.doctor import dead_letters
from ops.doctor.work import judge_queue, judge_runs, judge_sweep
from tests.ops.world import error
from tests.relay.builders import run

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
UPLOAD = {"detail-type": "Object Created", "time": "2026-11-22T11:00:00Z"}
# As Lambda documents the record of a failed invocation that it sends to a destination.
FROM_LAMBDA = {
    "version": "1.0",
    "timestamp": "2026-11-22T11:05:41.000Z",
    "requestContext": {
        "requestId": "e4b46cbf-b738-xmpl-8880-a18cdf61200e",
        "functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:uploads:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    },
    "requestPayload": UPLOAD,
    "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
    "responsePayload": {"errorMessage": "no table", "errorType": "KeyError"},
}
FROM_EVENT_BRIDGE = {
    name: {"StringValue": value, "DataType": "String"}
    for name, value in {
        "ERROR_CODE": "NO_PERMISSIONS",
        "ERROR_MESSAGE": "not allowed",
        "TARGET_ARN": "arn:aws:lambda:eu-west-1:123456789012:function:jobs",
    }.items()
}


class Queue:
    """A queue that keeps back what it wants at first, and a Lambda that takes or refuses."""

    def __init__(self, *messages: dict[str, Any], refused: dict[str, str] | None = None, empty: int = 0) -> None:
        self.messages = {f"r{number}": message for number, message in enumerate(messages)}
        self.invoked: list[tuple[str, Any]] = []
        self.refused = refused or {}
        self.empty = empty

    def client(self, _service: str) -> Any:
        return self

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        return {"Attributes": {"ApproximateNumberOfMessages": str(len(self.messages))}}

    def receive_message(self, *, MaxNumberOfMessages: int, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.empty -= 1
        held = [] if self.empty >= 0 else list(self.messages.items())[:MaxNumberOfMessages]
        return {"Messages": [{"ReceiptHandle": one, "MessageId": one, **message} for one, message in held]}

    def invoke(self, *, FunctionName: str, Payload: bytes, **_: Any) -> None:  # noqa: N803
        if FunctionName in self.refused:
            raise error(self.refused[FunctionName])
        self.invoked.append((FunctionName, json.loads(Payload)))

    def delete_message(self, *, ReceiptHandle: str, **_: Any) -> None:  # noqa: N803
        del self.messages[ReceiptHandle]


@pytest.mark.parametrize(
    ("last", "since", "state"),
    [
        (timedelta(minutes=4), None, State.OK),
        (timedelta(minutes=21), None, State.PROBLEM),
        (None, timedelta(minutes=3), State.NOTE),
        (None, timedelta(minutes=30), State.PROBLEM),
        (None, None, State.NOTE),
    ],
)
def test_a_sweep_that_is_silent_is_a_problem(last: timedelta | None, since: timedelta | None, state: State) -> None:
    def before(span: timedelta | None) -> datetime | None:
        return None if span is None else NOON - span

    assert judge_sweep(before(last), NOON, before(since)).state is state


def test_runs_that_wait_say_for_what() -> None:
    waits = run(id="wine-1", waiting_for="no ml.m5.large is free", not_before=NOON)
    approval = run(Stage.AWAITING_APPROVAL, id="wine-2")
    found = list(judge_runs([waits, approval, run(id="wine-3")]))
    assert [one.state for one in found] == [State.NOTE, State.NOTE, State.OK]
    assert found[0].what == "wine-1 waits, preparing: no ml.m5.large is free; the next try is at 12:00 UTC"
    assert found[2].what == "1 at work"


def test_both_kinds_of_dead_letters_say_which_event_and_why() -> None:
    told = {str(dead_letters.read(one)) for one in (
        {"Body": json.dumps(FROM_LAMBDA)},
        {"Body": json.dumps(UPLOAD), "MessageAttributes": FROM_EVENT_BRIDGE},
        {"Body": "no JSON"},
    )}  # fmt: skip
    assert told == {
        "Object Created for uploads, 2026-11-22T11:00:00Z: no table",
        "Object Created for jobs, 2026-11-22T11:00:00Z: NO_PERMISSIONS: not allowed",
        "an event for ?, ?: ?",
    }


def test_dead_letters_are_counted_and_the_first_ones_told() -> None:
    [none] = judge_queue(Queue().client, "q", "events", "prod")
    assert none.state is State.OK
    [some] = judge_queue(Queue(*[{"Body": json.dumps(FROM_LAMBDA)}] * 5).client, "q", "events", "prod")
    assert some.state is State.PROBLEM
    assert some.what.splitlines()[0] == "about 5 of events:"
    assert len(some.what.splitlines()) == 1 + 3 + 1
    assert "python -m ops replay --stage prod`" in some.todo
    [laptop] = judge_queue(Queue({"Body": "{}"}).client, "q", "events", None)
    assert "replay" not in laptop.todo


def test_a_replay_hands_over_what_names_its_function_and_ends_although_the_rest_stays() -> None:
    queue = Queue(
        {"Body": "no JSON"},
        *[{"Body": json.dumps(FROM_LAMBDA)}] * 12,
        {"Body": json.dumps(UPLOAD), "MessageAttributes": FROM_EVENT_BRIDGE},
    )
    done = [why for _, why in dead_letters.replay(queue.client, "q")]
    assert (done.count(""), done.count("it names no function")) == (13, 1)
    assert queue.invoked == [("uploads", UPLOAD)] * 12 + [("jobs", UPLOAD)]
    assert list(queue.messages) == ["r0"]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("ResourceNotFoundException", "its function does not exist any more"),
        ("AccessDeniedException", "Lambda refuses it (AccessDeniedException)"),
    ],
)
def test_a_letter_that_lambda_does_not_take_stays_and_the_rest_goes_on(code: str, told: str) -> None:
    other = {"Body": json.dumps(UPLOAD), "MessageAttributes": FROM_EVENT_BRIDGE}
    queue = Queue({"Body": json.dumps(FROM_LAMBDA)}, other, refused={"uploads": code})
    assert [why for _, why in dead_letters.replay(queue.client, "q")] == [told, ""]
    assert list(queue.messages) == ["r0"]


def test_an_empty_answer_is_no_empty_queue() -> None:
    queue = Queue({"Body": json.dumps(FROM_LAMBDA)}, empty=3)
    assert [why for _, why in dead_letters.replay(queue.client, "q")] == [""]
    assert queue.messages == {}
    assert list(dead_letters.replay(Queue({"Body": "{}"}, empty=99).client, "q")) == []  # and it ends


def test_what_may_not_be_asked_is_one_line_and_never_fine() -> None:
    def refused(failure: Exception) -> Any:
        yield from (_ for _ in ())  # a generator, as the checks are
        raise failure

    for failure, told in (
        (error("AccessDeniedException"), "you may not ask: Operation is refused"),
        (error("InternalFailure"), "Operation failed: InternalFailure: no"),
        (ConnectTimeoutError(endpoint_url="https://sns"), "AWS did not answer: "),
        (DeniedError("AccessDenied: s3:GetObject"), "you may not ask: AccessDenied: s3:GetObject"),
        (BusyError("SlowDown: later"), "SlowDown: later"),
    ):
        [finding] = asked("mail", lambda failure=failure: refused(failure))  # type: ignore[misc]
        assert (finding.subject, finding.state) == ("mail", State.UNKNOWN)
        assert finding.what.startswith(told)
