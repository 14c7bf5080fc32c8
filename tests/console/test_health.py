"""One word for a dataset, and one sentence for all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.console import health
from chalicelib.console.health import STALE, Word
from chalicelib.monitoring.record import Condition, Monitor, Retraining
from chalicelib.records.dataset import Dataset, LastRun
from chalicelib.records.run import Run, Stage
from chalicelib.records.sleeping import Asleep
from chalicelib.records.traffic import Traffic
from chalicelib.serving_mode import Mode
from tests.relay.builders import LIVE, NOW, RUN_ID, run

LAST = LastRun(RUN_ID, 1, "f", "v")
COUNTED = Traffic("churn", Mode.REALTIME, NOW - timedelta(days=40), NOW, 100.0, 10.0, 20.0)


def word(
    dataset: dict[str, Any] | None = None, monitor: dict[str, Any] | None = None, traffic: Any = None, *runs: Run
) -> Word:
    record = replace(Dataset("churn", live=LIVE), **(dataset or {}))
    watch = replace(Monitor("churn", live=LIVE), **(monitor or {}))
    return health.of(record, watch, runs, traffic or COUNTED, NOW).word


@pytest.mark.parametrize(
    ("dataset", "monitor", "traffic", "expected"),
    [
        ({}, {}, None, Word.RIGHT),
        ({"live": None}, {}, None, Word.NONE),
        ({"live": None, "active": RUN_ID}, {}, None, Word.TRAINING),
        ({"active": RUN_ID}, {}, None, Word.RIGHT),
        ({"asleep": Asleep(NOW, "nobody asked it")}, {}, None, Word.ASLEEP),
        ({}, {"drift": Condition("drifted", "2026-11-20T00:00:00Z")}, None, Word.DRIFTED),
        ({}, {"drift": Condition("harmful")}, None, Word.WORSE),
        ({}, {"quality": Condition("fell")}, None, Word.WORSE),
        ({}, {"open_alerts": ("no-traffic",)}, None, Word.TROUBLED),
        ({}, {"retraining": Retraining(stopped=True)}, None, Word.TROUBLED),
        ({}, {}, replace(COUNTED, counted=NOW - STALE - timedelta(hours=1)), Word.STALE),
        ({}, {}, replace(COUNTED, proposed=Mode.SERVERLESS), Word.DEAR),
        ({}, {}, replace(COUNTED, lately=0.0), Word.DEAR),
        ({}, {}, Traffic("churn"), Word.RIGHT),
        ({"live": replace(LIVE, mode=Mode.BATCH)}, {}, replace(COUNTED, lately=0.0), Word.RIGHT),
        ({}, {"drift": Condition("drifted"), "quality": Condition("fell")}, None, Word.WORSE),
    ],
)
def test_a_dataset_is_called_by_the_worst_that_holds_of_it(
    dataset: dict[str, Any], monitor: dict[str, Any], traffic: Any, expected: Word
) -> None:
    assert word(dataset, monitor, traffic) is expected


def test_a_last_run_that_failed_says_why_and_what_to_do_although_a_model_serves() -> None:
    failed = run(Stage.FAILED)
    assert failed.failure is not None
    found = health.of(Dataset("churn", live=LIVE, last=LAST), Monitor("churn"), [failed], COUNTED, NOW)
    assert found.word is Word.FAILED
    assert failed.failure.reason in found.because[0]
    assert failed.failure.advice in found.because[0]


def test_what_waits_for_a_person_has_the_two_commands_that_end_the_wait() -> None:
    waiting = run(Stage.AWAITING_APPROVAL)
    found = health.of(Dataset("churn", active=RUN_ID, last=LAST), Monitor("churn"), [waiting], COUNTED, NOW)
    assert found.word is Word.WAITS
    assert found.commands == ("sagerelay approve churn", "sagerelay decline churn")


def test_every_reason_is_said_the_worst_first() -> None:
    watch = Monitor("churn", live=LIVE, drift=Condition("drifted"), quality=Condition("fell"))
    watch = replace(watch, open_alerts=("labels:no-id",))
    found = health.of(Dataset("churn", live=LIVE), watch, [], COUNTED, NOW)
    assert [sentence.split(" ")[1] for sentence in found.because] == ["quality,", "traffic", "monitor"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([Word.RIGHT], "The one model is all right."),
        ([Word.RIGHT] * 14, "All 14 models are all right."),
        ([Word.RIGHT, Word.DRIFTED, Word.WAITS], "1 of 3 models is all right; c waits for you; b has drifted."),
        ([Word.DRIFTED, Word.DRIFTED], "0 of 2 models are all right; a and b have drifted."),
        ([Word.FAILED] * 3, "0 of 3 models are all right; a, b and c failed."),
        ([Word.ASLEEP] * 5, "0 of 5 models are all right; 5 are asleep."),
        ([Word.TRAINING], "0 of 1 model are all right; a is in training."),
    ],
)
def test_the_sentence_on_top(words: list[Word], expected: str) -> None:
    pieces = health.sentence(list(zip("abcdefghijklmnop", words, strict=False)))
    assert "".join(text for text, _ in pieces) == expected
    assert all(text == name for text, name in pieces if name)
