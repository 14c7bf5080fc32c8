"""The monitor's mails as a person reads them, and as programs filter them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.mails.messages import SUBJECT_LIMIT, Message
from chalicelib.monitoring.mail_context import MailContext
from chalicelib.monitoring.mails import _WRITERS, about
from chalicelib.names import CheckKeys, Kind
from chalicelib.records.commands import Mail
from tests.monitoring.builders import Timeline
from tests.relay.builders import DEPLOYMENT, NOW

MONITORING_MAILS = [mail for mail in Mail if mail in _WRITERS]


def feature(
    name: str, score: float = 0.21, sentence: str = "median 34 -> 41, +0.48 standard deviations"
) -> dict[str, Any]:
    return {"name": name, "verdict": "drifted", "score": score, "threshold": 0.05, "sentence": sentence}


def found(
    *features: dict[str, Any], loss: str | None = "certain", drill: str | None = None, **more: Any
) -> dict[str, Any]:
    return {
        "version": 1,
        "state": "drifted" if features else "stable",
        "drill": drill,
        "window": {"from": "2026-11-22T09:05:00Z", "to": "2026-11-22T10:00:00Z", "rows": 1200},
        "drifted": [one["name"] for one in features],
        "features": [*features, {"name": "calm", "verdict": "stable", "score": 0.0, "threshold": 0.05}],
        "predictions": [{**feature("prediction"), "sentence": '"yes" 20.0 % -> 41.0 %'}] if features else [],
        "estimate": {"loss": loss, "sentence": "F1 is estimated at 0.71, 0.09 below 0.80.", "undefined": None},
        "problems": [],
    } | more


QUALITY = {
    "version": 1,
    "state": "fell",
    "task": "binary",
    "metric": "f1",
    "metrics": {"f1": {"at_promotion": 0.8, "value": 0.71, "low": 0.68, "high": 0.74, "difference": -0.09}},
    "sentence": "F1 is 0.71, 0.09 below the 0.80 at promotion.",
    "coverage": {"labels": 900, "matched": 850, "unknown": 40, "conflicting": 2, "share_of_traffic": 0.283},
    "problems": [{"code": "unknown-id", "labels": 40, "sentence": "40 labels belong to no captured row."}],
}


def mail(
    kind: Mail,
    result: Any = None,
    note: str = "",
    timeline: Timeline | None = None,
    check: Kind = Kind.DRIFT,
    drill: str = "",
    news: str = "",
    stopped: str = "",
) -> Message:
    monitor, keys = (timeline or Timeline()).monitor, CheckKeys("churn", check, 3, NOW)
    return about(kind, MailContext(monitor, keys, note, result, drill, news, stopped), DEPLOYMENT)


def test_drift_names_the_features_how_much_since_when_the_answers_the_loss_and_what_comes_next() -> None:
    timeline = Timeline(retraining={"policy": "on_drift"}).drift("drifted", "age", "plan")
    text = mail(Mail.DRIFT_FOUND, found(feature("age"), feature("plan", 0.1)), timeline=timeline).text
    for part in (
        "2 of 3 features",
        "1,200 rows",
        "since 2026-11-22 09:05 UTC",
        "median 34 -> 41, +0.48 standard deviations",
        "The model's answers changed, too",
        '"yes" 20.0 % -> 41.0 %',
        "Does it hurt? F1 is estimated at 0.71",
        "What happens next: a training on all data of train/",
        f"Report: s3://{DEPLOYMENT.bucket}/monitoring/churn/",
    ):
        assert part in text
    assert text.index("age ") < text.index("plan ")


def test_a_certain_loss_is_more_severe_than_drift_alone() -> None:
    hurts, harmless = (mail(Mail.DRIFT_FOUND, found(feature("age"), loss=loss)) for loss in ("certain", "none"))
    assert (hurts.attributes["severity"], harmless.attributes["severity"]) == ("error", "warning")
    assert "and it hurts" in hurts.subject
    assert "and it hurts" not in harmless.subject


@pytest.mark.parametrize(
    ("news", "subject", "told"),
    [
        ("", "churn: drift in age, and it hurts", ""),
        ("hurts", "churn: drift now hurts: drift in age", "it now makes the model's answers worse"),
        ("worse", "churn: drift hurts more: drift in age", "at least twice what it was in the last mail"),
        ("new-model", "churn: the new model, too: drift in age, and it hurts", "NEW model"),
        ("back", "churn: again: drift in age, and it hurts", "It is BACK"),
        ("more-columns", "churn: further columns: drift in age, and it hurts", "reached further columns"),
        ("goes-on", "churn: still, after 61 days: drift in age, and it hurts", "This is a reminder"),
        ("of a later release", "churn: drift in age, and it hurts", ""),
    ],
)
def test_what_was_told_before_is_told_with_what_is_new(news: str, subject: str, told: str) -> None:
    made = mail(Mail.DRIFT_FOUND, found(feature("age")), note="2026-09-22T09:05:00Z", news=news)
    assert made.subject == subject
    first, _, after = made.text.partition("\n\n")
    assert told in first
    assert (after if told else first).startswith("The live traffic")
    assert made.machine["news"] == (news or None)
    assert "drift" in mail(Mail.DRIFT_FOUND, found(feature("age")), note="no date", news=news).subject


@pytest.mark.parametrize(
    ("news", "subject"),
    [
        ("", "quality fell, F1 0.7100 (at promotion 0.8000)"),
        ("worse", "quality fell further, F1 0.7100 (at promotion 0.8000)"),
        ("new-model", "quality fell with the new model, too, F1 0.7100 (at promotion 0.8000)"),
        ("back", "quality fell again, F1 0.7100 (at promotion 0.8000)"),
        ("goes-on", "quality is still low, F1 0.7100 (at promotion 0.8000)"),
    ],
)
def test_quality_that_was_told_before_is_told_with_what_is_new(news: str, subject: str) -> None:
    assert mail(Mail.QUALITY_FELL, QUALITY, check=Kind.QUALITY, news=news).subject == f"churn: {subject}"


def test_what_a_check_found_and_that_retraining_stops_with_it_is_one_mail() -> None:
    both = mail(Mail.DRIFT_FOUND, found(feature("age"), loss="none"), news="new-model", stopped="3")
    assert both.subject == "churn: retraining stopped, it does not help; the new model, too: drift in age"
    for part in ("NEW model", "has DRIFTED", "3 times in a row", "STOPS trying", "upload newer labelled data"):
        assert part in both.text, part
    assert (both.attributes["kind"], both.attributes["severity"]) == ("drift-found", "error")
    assert (both.machine["note"], both.machine["retraining_stopped"]) == (None, "3")


def test_quality_that_fell_with_other_outcomes_is_one_mail_about_both() -> None:
    outcomes = {"state": "changed", "sentence": "The same inputs ...", "rows": 1234, "needed": 100.0}
    both = mail(Mail.QUALITY_FELL, QUALITY | {"relation": outcomes}, "changed-relation", check=Kind.QUALITY)
    assert both.subject == "churn: quality fell, F1 0.7100 (at promotion 0.8000); other outcomes than before"
    for part in (
        "has become WORSE",
        "has CHANGED",
        "1,234 labelled rows",
        "F1 is 0.71, 0.09 below",
        "What happens next",
    ):
        assert both.text.count(part) == 1
    known = mail(Mail.QUALITY_FELL, QUALITY | {"relation": outcomes}, check=Kind.QUALITY)
    assert "other outcomes" not in known.subject
    assert "has CHANGED" not in known.text


def test_a_mail_says_by_which_rule_dependent_rows_were_judged() -> None:
    rule = {"name": "effective", "sentence": "Rows that repeat each other count as fewer."}
    assert "How it was judged: Rows that repeat" in mail(Mail.DRIFT_FOUND, found(feature("age"), rule=rule)).text
    assert "How it was judged" not in mail(Mail.DRIFT_FOUND, found(feature("age"))).text


def test_a_drill_says_so_in_subject_text_and_attributes() -> None:
    made = mail(Mail.DRIFT_FOUND, found(feature("age"), drill="d1"), check=Kind.DRILL, drill="d1")
    assert made.subject.startswith("[drill] churn: drift in age")
    assert made.attributes["drill"] == "d1"
    assert "This is a DRILL" in made.text


def test_many_features_fit_into_a_mail() -> None:
    many = [feature(f"column {number}") for number in range(300)]
    made = mail(Mail.DRIFT_FOUND, found(*many))
    assert "300 of 301 features" in made.text
    assert "288 more, in the report" in made.text
    assert len(json.dumps(dict(made.machine))) < 20_000


def test_quality_tells_the_metric_the_coverage_and_what_was_wrong() -> None:
    made = mail(Mail.QUALITY_FELL, QUALITY, check=Kind.QUALITY)
    assert made.subject == "churn: quality fell, F1 0.7100 (at promotion 0.8000)"
    for part in ("850 of 900 labels found their row, 28.3%", "40 unknown, 2 conflicting", "[unknown-id]"):
        assert part in made.text


def test_a_loss_that_is_not_certain_is_not_called_kept_quality() -> None:
    possible = QUALITY | {"state": "kept", "sentence": "F1 is 0.71, 0.09 below the 0.80, but not for certain."}
    text = mail(Mail.QUALITY, possible, check=Kind.QUALITY).text
    assert "with your labels: no loss is certain." in text
    assert "keeps" not in text


def test_a_tested_model_is_told_with_what_it_was_at_promotion() -> None:
    result = {
        "sagerelay": {
            "task": "binary",
            "rows": 300,
            "metrics": {"auc": {"value": 0.86, "low": 0.8, "high": 0.92}},
            "at_promotion": {
                "metric": "auc",
                "sentence": "ROC AUC is 0.860, 0.050 below the 0.910 of the evaluation at promotion.",
                "metrics": {
                    "auc": {"at_promotion": 0.91, "value": 0.86, "low": 0.8, "high": 0.92, "difference": -0.05}
                },
            },
        }
    }
    made = mail(Mail.TESTED, result, check=Kind.TEST)
    assert made.subject == "churn: live model tested, ROC AUC 0.8600 (at promotion 0.9100)"
    assert "0.050 below the 0.910" in made.text
    assert "-0.0500" in made.text


def test_a_test_on_rows_that_were_trained_on_is_called_so_in_subject_and_first_line() -> None:
    told = {"code": "test-rows-trained-on", "sentence": "90 of the 100 rows equal rows of the training.", "first": True}
    block = {"rows": 100, "task": "binary", "uploaded": {"trained_on": 90}, "warnings": [told]}

    made = mail(Mail.TESTED, {"sagerelay": block}, check=Kind.TEST)

    assert made.subject.startswith("churn: live model asked about rows it was trained on, ")
    assert made.text.startswith("Check this first: 90 of the 100 rows")


@pytest.mark.parametrize("kind", [Kind.DRIFT, Kind.TEST, Kind.DRILL])
def test_a_deleted_endpoint_is_told_with_what_that_means(kind: Kind) -> None:
    made = mail(Mail.ENDPOINT_GONE, check=kind)
    assert made.subject.endswith("the endpoint sagerelay-churn is gone")
    assert "It bills no more; nobody is served, nothing is monitored" in made.text
    assert "goes on serving" not in made.text
    assert ("upload it again" in made.text) == (kind is Kind.TEST)


def test_a_refused_test_file_is_told_in_the_subject() -> None:
    reason = '[test-columns-missing] datasets/churn/test/july.csv: there is no column "basket", which the model uses.'
    made = mail(Mail.CHECK_FAILED, note=reason, check=Kind.TEST)
    assert made.subject.startswith(
        'churn: evaluation of the test file failed: test/july.csv: there is no column "basket"'
    )


@pytest.mark.parametrize("kind", MONITORING_MAILS)
@pytest.mark.parametrize(
    "result", [None, {}, found(feature("age")), QUALITY], ids=["none", "empty", "drift", "quality"]
)
def test_a_mail_comes_whatever_is_missing(kind: Mail, result: dict[str, Any] | None) -> None:
    made = mail(kind, result, note="3", timeline=Timeline(None))
    assert made.subject.startswith("churn: ")
    assert len(made.subject) <= SUBJECT_LIMIT
    assert made.subject.isascii()
    assert made.attributes["kind"] == kind
    assert made.attributes["severity"] in {"info", "warning", "error"}
    assert "None" not in made.text
    json.dumps(dict(made.machine))


def test_names_of_columns_cannot_break_a_mail() -> None:
    made = mail(Mail.DRIFT_FOUND, found(feature("<b>\n\nReport: http://evil\u202e" + "x" * 200)))
    assert made.subject.isascii()
    assert "\nReport: http" not in made.text
