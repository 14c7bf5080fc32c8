"""What a sweep meets and cannot use, or may not do: it goes on with everything else, and the owner hears of it once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.mails import messages
from chalicelib.mails.messages import Message
from chalicelib.names import Step
from chalicelib.records.orphans import GRACE, Resource, Tagged
from tests.memory_cloud.refusals import refused
from tests.relay.builders import DEPLOYMENT
from tests.relay.test_lost import later
from tests.relay.world import World

MAIL = "churn-1a2b3c4d#failed"
CLAIMED = "2026-11-01T00:00:00+00:00"
STORED = json.loads(messages.to_document(Message("s", "t", {"kind": "failed"}, {"kind": "failed", "dataset": "churn"})))
GARBLED: dict[str, dict[str, Any]] = {
    "no document": {},
    "a number": {"document": {"N": "7"}},
    "empty": {"document": {"S": ""}},
    "no JSON": {"document": {"S": "{not json"}},
    "a list": {"document": {"S": "[]"}},
    "nested": {"document": {"S": '{"subject":' * 20_000}},
    "an unknown field": {"document": {"S": json.dumps({**STORED, "news": 1})}},
    "no text": {"document": {"S": json.dumps({**STORED, "text": None})}},
    "an empty subject": {"document": {"S": json.dumps({**STORED, "subject": ""})}},
    "a list of attributes": {"document": {"S": json.dumps({**STORED, "attributes": ["kind"]})}},
    "an attribute that is a number": {"document": {"S": json.dumps({**STORED, "attributes": {"kind": 7}})}},
    "a machine's part that is a word": {"document": {"S": json.dumps({**STORED, "machine": "kind"})}},
    "no claim": {"document": {"S": json.dumps(STORED)}, "claimed": None},
    "a claim that is a word": {"document": {"S": json.dumps(STORED)}, "claimed": {"S": "x"}},
}


def put(here: World, key: str, **item: Any) -> None:
    kept = {name: value for name, value in {"id": {"S": key}, "open": {"S": "yes"}, **item}.items() if value}
    here.dynamodb.put_item(TableName=DEPLOYMENT.table, Item=kept)


@pytest.mark.parametrize("way", GARBLED)
def test_a_stored_mail_that_cannot_be_read_is_replaced_by_one_that_says_so(here: World, way: str) -> None:
    put(here, f"mail#{MAIL}", **{"claimed": {"S": CLAIMED}, **GARBLED[way]})
    later(here, times=3)
    told = here.mails()
    assert len(told) == 1
    assert ("record" in told[0]) == ("claim" not in way)
    assert list(here.runtime.executor.store.open_records()) == []


def test_a_mail_that_sns_will_never_take_is_replaced_by_one_that_says_so(here: World) -> None:
    document = messages.to_document(Message("two\nlines", "t", {}, {"kind": "failed"}))
    put(here, f"mail#{MAIL}", claimed={"S": CLAIMED}, document={"S": document})
    topic: Any = here.sns
    publish = topic.publish

    def strict(**request: Any) -> Any:
        if "\n" in request["Subject"]:
            raise refused("InvalidParameter", "Invalid parameter: Subject")
        return publish(**request)

    topic.publish = strict
    later(here, times=3)
    assert [mail.get("record") for mail in here.mails()] == [MAIL]


def orphan(here: World, run: str, dataset: str = "churn") -> Tagged:
    thing = Tagged(Resource.MODEL, f"{run}-model", dataset, run)
    here.sagemaker.things[thing.kind, thing.name] = (here.time - 2 * GRACE, thing)
    return thing


def ended(here: World, dataset: str) -> str:
    """A run that came to nothing, of which a model lies about."""
    here.put("train/jan.csv", dataset=dataset)
    here.runtime.receive(here.uploaded(dataset=dataset))
    run = here.active(dataset) or ""
    here.runtime.receive(here.end(run, Step.PREPARE, "AlgorithmError: no"))
    orphan(here, run, dataset)
    return run


@pytest.mark.parametrize("kind", ["run", "dataset"])
def test_a_record_that_cannot_be_read_keeps_its_own_and_stops_no_other_from_being_collected(
    here: World, kind: str
) -> None:
    lost, other = ended(here, "lost"), ended(here, "other")
    here.mails()
    put(here, f"{kind}#{lost if kind == 'run' else 'lost'}", open=None, document={"S": "{not json"}, version={"N": "9"})

    later(here, minutes=70, times=3)

    assert here.sagemaker.removed == [f"{other}-model"]
    assert [mail["record"] for mail in here.mails()] == [f"{kind}#{lost if kind == 'run' else 'lost'}"]


def test_what_cannot_be_asked_of_one_dataset_stops_no_other_from_being_collected(here: World) -> None:
    ended(here, "lost")
    other = ended(here, "other")
    usual = here.sagemaker.used_configs

    def used(endpoint: str) -> Any:
        if endpoint.endswith("-lost"):
            raise refused("InternalFailure", "SageMaker is not well")
        return usual(endpoint)

    here.sagemaker.used_configs = used
    with pytest.raises(ExceptionGroup):
        later(here, minutes=70)
    assert here.sagemaker.removed == [f"{other}-model"]


@pytest.mark.parametrize("operation", ["get_object", "put_object", "get_paginator"])
def test_what_s3_denies_is_tried_again_and_told_once_while_all_else_goes_on(here: World, operation: str) -> None:
    here.put("train/jan.csv")
    usual = getattr(here.s3, operation)

    def deny(*_: Any, **__: Any) -> Any:
        raise refused("AccessDenied", "Access Denied")

    setattr(here.s3, operation, deny)
    with pytest.raises(Exception, match="Denied"):
        here.runtime.receive(here.uploaded())
    for dataset in ("eu", "us"):
        put(here, f"mail#{dataset}", claimed={"S": CLAIMED}, document={"S": json.dumps(STORED)})
    for _ in range(3):
        here.time += timedelta(minutes=5)
        with pytest.raises(ExceptionGroup):
            here.runtime.sweep()
    told = here.mails()
    assert len(told) == 3, "two mails that had waited, and one about what is denied"
    assert sum("Access Denied" in str(mail) for mail in told) == 1

    setattr(here.s3, operation, usual)
    here.time += timedelta(minutes=5)
    here.runtime.sweep()
    assert here.active()
