"""The requests that start or register something, as relays must send them: made from the reviewed ones.

`tests/relay/golden` holds what the code makes of plain records. Here the same files are put into the words of a relay's
golden files (`plain.py`), for the deployment that relays have. So they are reviewed once, and that relays send just
those is a comparison.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib.algorithms import images
from local import stack
from tests.relay.builders import DEPLOYMENT
from tests.requests.plain import plain
from tests.requests.recorder import Sent

GOLDEN = Path(__file__).resolve().parents[1] / "relay" / "golden"
PRIVATELY = "-in-a-vpc-with-a-key"
_EVERYWHERE = (
    *("prepare", "prepare-with-live-model", "tune-small", "tune-small-warm", "train-small", "pack", "deploy"),
    *("evaluate", "evaluate-with-live-model", "promote-first", "promote-update", "register"),
    *("prepare-batch-first", "prepare-batch", "deploy-batch-again", "evaluate-batch-first", "evaluate-batch-again"),
    *("check-drift", "check-drift-again", "check-drill", "check-quality-beside-another", "check-test", "check-score"),
    *("check-score-ask", "check-score-transform", "check-score-join"),
)
_BY_FUNCTIONS = (
    *("train-untuned", "train-untuned-spot", "train-untuned-spot-again", "pack-after-a-second-training"),
    *("evaluate-without-tuning", "evaluate-with-live-model-without-tuning"),
    *("tune-small-auto", "train-small-auto", "deploy-serverless", "evaluate-auto", "promote-first-serverless"),
    "register-auto",
    "check-drift-shared",
    *("register-waiting", "register-rejected", "go-back", "promote-update-scaled"),
)
CASES = {
    "functions": (*_EVERYWHERE, *_BY_FUNCTIONS),
    "private": tuple(f"{name}{PRIVATELY}" for name in _EVERYWHERE),
}
"""The files whose requests the relays of tests/requests send, by who sends them."""
_DATASET = "churn"
"""Whose requests they are."""


def operations(who: str) -> set[str]:
    """What they ask for, as `sagemaker.CreateModel`."""
    return {name for name, _ in _requests(who)}


def reviewed(who: str, name: str) -> list[Any]:
    """Every kind of request for an operation that has to be sent, in the words of its golden file, in its order."""
    kinds = {json.dumps(shown, sort_keys=True): shown for one, shown in _requests(who) if one == name}
    return [kinds[text] for text in sorted(kinds)]


@cache
def _requests(who: str) -> tuple[tuple[str, Any], ...]:
    return tuple(request for case in CASES[who] for request in _of(case))


def _of(case: str) -> Iterator[tuple[str, Any]]:
    text = (GOLDEN / f"{case}.json").read_text(encoding="utf-8")
    for here, there in _words():
        text = text.replace(here, there)
    for call in json.loads(text):
        operation = "".join(word.capitalize() for word in call["operation"].split("_"))
        sent = Sent("sagemaker", operation, call["arguments"], asked_by="")
        yield sent.name, plain(sent, [_DATASET])


def _words() -> Iterator[tuple[str, str]]:
    """What differs between the deployment of the reviewed requests and that of the relays."""
    yield DEPLOYMENT.image, images.xgboost(stack.REGION)
    yield DEPLOYMENT.role_arn, stack.JOBS.role_arn
    yield DEPLOYMENT.bucket, stack.BUCKET
    yield DEPLOYMENT.region, stack.REGION
