"""Files of rows: asked once each, by whatever model is live, and every end of it told."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.mails.messages import Message
from chalicelib.monitoring import mails
from chalicelib.monitoring.facts import (
    CheckAsked,
    CheckCompleted,
    CheckFailed,
    EndpointGone,
    Fact,
    NothingToCheck,
    ScoredBefore,
    ScoredRead,
)
from chalicelib.monitoring.mail_context import MailContext
from chalicelib.names import CheckKeys, Kind
from chalicelib.predictions import PredictionKeys
from chalicelib.records.commands import Mail
from tests.monitoring.builders import FIRST, SECOND, Timeline
from tests.monitoring.living import CONTEXT, kinds, live
from tests.relay.builders import DEPLOYMENT, NOW
from tests.relay.world import World

FILE = "datasets/churn/score/feb.csv"
SCORED: dict[str, Any] = {
    "version": 1,
    "file": FILE,
    "result": "predictions/churn/0a1b2c3d4e5f/feb.csv",
    "target": "churned",
    "columns": ["predicted", "p(no)", "p(yes)", "flag", "reason"],
    "rows": {"read": 1_200, "answered": 1_197, "unlike": 40, "unread": 3},
    "classes": [
        {"name": "no", "rows": 900, "share": 0.752, "at_promotion": 0.74, "in_training": 0.731},
        {"name": "yes", "rows": 297, "share": 0.248, "at_promotion": 0.26, "in_training": 0.269},
    ],
    "range": None,
    "range_at_promotion": None,
    "unlike": [
        {"column": "age", "sentence": "age: far above all that the model learned from", "rows": 40, "first": 17}
    ],
    "unread": [{"column": "signed", "sentence": "signed: no date", "rows": 3, "first": 1_002}],
    "evaluation": None,
    "earlier": False,
    "warnings": [],
}


def asked(version: str = "v1", file: str = FILE) -> CheckAsked:
    return CheckAsked(Kind.SCORE, file, version)


def begun(timeline: Timeline) -> int:
    """The ordinal of the only file that is being asked about."""
    (check,) = timeline.monitor.checks
    return check.ordinal


# --- decisions


def test_an_upload_is_answered_once_and_a_new_version_anew() -> None:
    timeline = Timeline().learn(asked()).learn(asked()).learn(asked("v2"))
    assert timeline.learn(ScoredRead(begun(timeline))).mails() == ["scored"]
    assert timeline.learn(ScoredRead(begun(timeline))).mails() == ["scored"]
    assert timeline.learn(asked("v2")).monitor.checks == ()


def test_without_a_model_the_owner_is_told_once_and_the_file_waits() -> None:
    timeline = Timeline(None).learn(asked()).learn(asked()).learn(asked("v2"))
    assert timeline.mails() == ["score-waits"]
    timeline.promoted(FIRST)
    assert [check.subject for check in timeline.monitor.checks] == [FILE]


def test_a_promotion_in_between_has_the_new_model_answer_and_what_is_done_stays_done() -> None:
    timeline = Timeline().learn(asked())
    done = timeline.learn(ScoredRead(begun(timeline))).learn(asked("v1", FILE + ".gz"))
    done.execute()

    done.promoted(SECOND)

    assert [(check.subject, check.run) for check in done.monitor.checks] == [(FILE + ".gz", SECOND.run)]
    assert done.learn(asked()).monitor.wanted == (), "the event about the first file may come again"


@pytest.mark.parametrize("end", ["failed", "gone", "before", "away"])
def test_every_end_is_told_but_that_the_file_was_taken_away(end: str) -> None:
    timeline = Timeline().learn(asked())
    ordinal = begun(timeline)
    told: dict[str, tuple[Fact, list[str]]] = {
        "failed": (CheckFailed(Kind.SCORE, ordinal, 1, "[score-columns-missing] no age"), ["check-failed"]),
        "gone": (EndpointGone(Kind.SCORE, ordinal), ["endpoint-gone"]),
        "before": (ScoredBefore(ordinal, "predictions/churn/0a1b2c3d4e5f/feb.csv"), ["scored-before"]),
        "away": (NothingToCheck(Kind.SCORE, ordinal), []),
    }
    fact, mails_due = told[end]
    assert timeline.learn(fact).mails() == mails_due
    assert timeline.monitor.checks == ()
    assert timeline.monitor.open_alerts == (), "it says nothing of the model"


def test_a_lost_event_of_a_job_is_made_good() -> None:
    timeline = Timeline().learn(asked())
    timeline.execute()
    for _ in range(2):
        timeline.learn(CheckCompleted(Kind.SCORE, begun(timeline), 1), after=timedelta(minutes=5))
    assert len(timeline.execute()) == 1


def test_names_of_results_are_those_of_the_files_as_far_as_a_disk_takes_them() -> None:
    keys = PredictionKeys.of("churn", FILE, "etag", "churn-1a2b3c4d")
    assert keys == PredictionKeys.of("churn", FILE, "etag", "churn-1a2b3c4d")
    assert (
        len({keys, PredictionKeys.of("churn", FILE, "other", "r"), PredictionKeys.of("churn", FILE, "etag", "r")}) == 3
    )
    assert keys.result(FILE) == f"predictions/churn/{keys.upload}/feb.csv"
    long = keys.result(f"datasets/churn/score/{'ä' * 400}.csv.gz").rpartition("/")[2]
    assert long.endswith(".gz")
    assert len(long.encode()) <= 255


# --- the shell


def ready(here: World, algorithm: str) -> str:
    """A live model of an algorithm, and a file of rows."""
    run = live(here)
    settings = {"algorithm": algorithm, "endpoint": {"capture_percentage": 50}}
    here.s3.put(f"runs/{run}/context.json", json.dumps(CONTEXT | {"settings": settings}).encode())
    here.s3.put("model.tar.gz", b"model")
    here.put("score/feb.csv", b"age\n41\n")
    here.mails()
    return run


def test_a_file_is_pinned_with_the_model_and_its_result_is_told_once(here: World) -> None:
    run = ready(here, "auto")
    for _ in range(2):
        here.runtime.receive(here.uploaded("score/feb.csv"))

    (check,) = here.monitor().checks
    keys = here.monitor().keys(check)
    pinned = json.loads(here.s3.body(keys.context) or b"")
    assert pinned["score"]["object"]["key"] == FILE
    assert pinned["score"]["capture_percentage"] == 50
    assert pinned["score"]["baseline"] == f"runs/{run}/prepared/baseline.json"
    result = pinned["score"]["result"]
    assert result.startswith("predictions/churn/")

    here.s3.put(result, b"age,predicted\n41,yes\n")
    here.runtime.receive(here.end_check(Kind.SCORE, SCORED | {"result": result}))
    assert kinds(here) == ["scored"]

    before = list(here.sagemaker.calls)
    again = here.uploaded("score/feb.csv")
    again["detail"]["object"]["version-id"] = "2"
    here.runtime.receive(again)
    assert kinds(here) == ["scored-before"]
    assert here.sagemaker.calls == before, "the same file needs no second job"


def test_a_model_that_a_person_went_back_to_answers(here: World) -> None:
    ready(here, "auto")
    settings = {"algorithm": "auto", "endpoint": {"capture_percentage": 0}}
    here.s3.put("runs/churn-0badcafe/context.json", json.dumps(CONTEXT | {"settings": settings}).encode())
    here.s3.put("runs/churn-0badcafe/prepared/schema.json", b"{}")
    here.sagemaker.endpoints["sagerelay-churn"] = "churn-0badcafe-live-1"

    here.runtime.receive(here.uploaded("score/feb.csv"))

    (check,) = here.monitor().checks
    pinned = json.loads(here.s3.body(here.monitor().keys(check).context) or b"")
    assert pinned["run"] == "churn-0badcafe"
    assert pinned["score"]["answers"] == "runs/churn-0badcafe/evaluation/answers.json"
    assert pinned["score"]["capture_percentage"] == 0


@pytest.mark.parametrize(("algorithm", "told"), [("auto", []), ("xgboost", []), ("unheard-of", ["endpoint-gone"])])
def test_no_model_of_this_release_needs_its_endpoint(here: World, algorithm: str, told: list[str]) -> None:
    ready(here, algorithm)
    here.sagemaker.endpoints.clear()
    here.runtime.receive(here.uploaded("score/feb.csv"))
    assert kinds(here) == told
    assert len(here.monitor().checks) == (not told)


# --- mails


def mail(kind: Mail, result: dict[str, Any] | None = None, note: str = "") -> Message:
    context = MailContext(Timeline().monitor, CheckKeys("churn", Kind.SCORE, 4, NOW), note, result)  # type: ignore[arg-type]
    return mails.about(kind, context, DEPLOYMENT)


def test_the_mail_says_where_how_many_what_is_odd_and_how_the_answers_lie() -> None:
    made = mail(Mail.SCORED, SCORED)
    assert made.subject == "churn: feb.csv answered, 1,197 of 1,200 rows"
    for part in (
        f"Result: s3://{DEPLOYMENT.bucket}/predictions/churn/0a1b2c3d4e5f/feb.csv",
        "3 rows could not be read and have no answer",
        "* signed: no date (3 rows, the first is row 1,002)",
        "40 rows are unlike what the model learned from",
        "behind them the answer, how likely each class is, and what is odd about a row.",
        "no       900  75.2%         74.0%        73.1%",
    ):
        assert part in made.text
    assert made.machine["report"].endswith("feb.csv")
    assert made.machine["result"]["rows"]["answered"] == 1_197


def test_the_mail_tells_numbers_the_target_and_that_the_file_is_older_than_the_model() -> None:
    metrics = {"rmse": {"value": 2.5, "low": 2.4, "high": 2.6, "at_promotion": 2.4, "difference": 0.1}}
    promoted = {"metric": "rmse", "sentence": "RMSE is 2.5.", "metrics": metrics}
    here, then = (
        {"mean": 3.25, "low": -1.0, "median": 3.0, "high": 8.0},
        {"mean": 3.5, "low": 0, "median": 3, "high": 9},
    )
    columns = ["predicted", "predicted low", "predicted high", "flag", "reason"]
    made = mail(
        Mail.SCORED,
        SCORED
        | {
            "classes": None,
            "columns": columns,
            "range": here,
            "range_at_promotion": then,
            "earlier": True,
            "target": "price",
        }
        | {"evaluation": {"task": "regression", "labelled": 900, "rows": 900, "at_promotion": promoted}},
    )
    assert "behind them the answer, what the truth lies between in nine of ten rows, and what is odd" in made.text
    assert "You uploaded it before this model went live" in made.text
    assert "price is filled in 900 rows" in made.text
    assert "RMSE is 2.5." in made.text
    assert "test rows at promotion" in made.text


@pytest.mark.parametrize(
    ("kind", "note", "said"),
    [
        (Mail.SCORED_BEFORE, "predictions/churn/0a1b2c3d4e5f/feb.csv", "nothing was started"),
        (Mail.SCORE_WAITS, FILE, "as soon as a model goes live"),
        (Mail.CHECK_FAILED, f'[score-columns-missing] {FILE}: there is no column "age".', "correct the file"),
        (Mail.ENDPOINT_GONE, "", "Your file was not answered"),
    ],
)
def test_what_became_of_a_file_otherwise_is_told_with_what_to_do(kind: Mail, note: str, said: str) -> None:
    made = mail(kind, note=note)
    assert said in made.text
    assert "feb.csv" in made.subject or kind is Mail.ENDPOINT_GONE
