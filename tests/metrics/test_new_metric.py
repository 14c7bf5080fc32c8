"""A new metric is one entry and one function: it is then in the documents, the pages, the mails and the terminal."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np

from chalicelib.contract.evaluation import Evaluation
from chalicelib.mails.messages import about_run
from chalicelib.monitoring.mail_context import MailContext
from chalicelib.monitoring.mails import about
from chalicelib.names import CheckKeys, Kind
from chalicelib.records.commands import Mail
from chalicelib.records.events import EvaluationRead
from chalicelib.records.run import Stage
from chalicelib.relay.documents import read_evaluation
from jobs.documents.evaluation import EvaluationFile
from jobs.evaluate.curves import curves
from jobs.evaluate.evaluation import Findings, LiveModel, Requests, document
from jobs.evaluate.uploaded import beside_promotion
from jobs.ground_truth.measuring import Rule, compare
from jobs.metrics.catalogue import CATALOGUE, SMALLER, Entry
from jobs.metrics.confusion import FloatArray
from jobs.metrics.intervals import measure
from jobs.metrics.predictions import Predictions
from jobs.report import render
from jobs.report.quality_page import render_quality
from jobs.report.uploaded_page import render_uploaded
from local.cli.observer import _figures
from tests.evaluate.trained import context_of, train
from tests.ground_truth.test_measuring import answers
from tests.monitoring.builders import Timeline
from tests.relay.builders import DEPLOYMENT, NOW, run
from tests.report import monitored
from tests.report.pages import Page

CLASSES = ["no", "yes"]


def miss_cost(predictions: Predictions, weights: FloatArray) -> float:
    """What the wrong answers cost a row: a miss five, a false alarm one."""
    cost = np.where(predictions.actual == 1, 5.0, 1.0) * (predictions.actual != predictions.predicted)
    return float(cost @ weights / weights.sum())


COST = Entry(
    "miss_cost", "Cost of misses", ("binary",), SMALLER, "amount", highest=float("inf"), headline={"binary": 6},
    function=miss_cost,
)  # fmt: skip
WIDER = CATALOGUE.with_(COST)


def findings(model: Predictions, live: Predictions | None = None) -> Findings:
    schema: Any = {"classes": CLASSES, "target": "t", "positive_class": "yes", "class_counts": None}
    measured = measure(model, live, CLASSES, catalogue=WIDER)
    beside = None if live is None else LiveModel("sagerelay-clinic", "r")
    return Findings("run", schema, model, measured, beside, [], Requests(3, 1, model.rows, 2.0), (), WIDER)


def read(evaluation: EvaluationFile) -> Evaluation:
    found = read_evaluation(json.dumps(evaluation).encode())
    assert isinstance(found, EvaluationRead), found
    return found.evaluation


def test_it_is_in_the_evaluation_the_report_the_mail_and_the_terminal() -> None:
    model, live = answers(400, 0.8), answers(400, 0.7)
    told = findings(model, live)
    evaluation = document(told)
    ours: Any = evaluation["sagerelay"]
    value = ours["metrics"]["miss_cost"]
    assert value["low"] < value["value"] == miss_cost(model, np.ones(400)) < value["high"]
    assert ours["comparison"]["miss_cost"]["difference"] == value["value"] - miss_cost(live, np.ones(400))
    assert ours["naive"]["miss_cost"] > 0

    shown = f"{value['value']:#.4g}"
    drawn = curves(model, told.measurement.candidate.scores, CLASSES, None)
    page = Page(render(context_of(live=True), train("binary").schema, evaluation, drawn, None))
    assert f"Cost of misses {shown}" in page.words

    kept = replace(run(Stage.LIVE), evaluation=read(evaluation))
    mail = about_run(Mail.PROMOTED, kept, DEPLOYMENT).text
    line = next(line for line in mail.splitlines() if line.startswith("Cost of misses"))
    assert line.split()[3] == shown
    figure = _figures(kept)[-1]
    assert (figure.name, figure.number(value["value"])) == ("Cost of misses", shown)


def test_it_is_in_the_quality_of_real_traffic_and_its_mail() -> None:
    promotion = document(findings(answers(2_000, 0.9)))["sagerelay"]
    rule = Rule.of({"metric": "miss_cost"}, "binary", WIDER)
    found = compare(answers(2_000, 0.7, 1), CLASSES, promotion, rule, labelled=2_000)
    assert found.state == "fell"  # a larger cost is a loss
    assert found.sentence.startswith("Cost of misses is ")
    quality = monitored.quality(
        metric="miss_cost", metrics=found.metrics, sentence=found.sentence, catalogue=WIDER.told("binary"), history=[]
    )
    shown = f"{found.metrics['miss_cost']['value']:#.4g}"
    page = Page(render_quality(quality))
    assert "Cost of misses decides" in page.words
    assert shown in page.words
    mail = about(
        Mail.QUALITY_FELL,
        MailContext(Timeline().monitor, CheckKeys("churn", Kind.QUALITY, 3, NOW), "", quality),
        DEPLOYMENT,
    )
    assert mail.subject.startswith(f"churn: quality fell, Cost of misses {shown} (at promotion ")
    assert shown in [line.split()[3] for line in mail.text.splitlines() if line.startswith("Cost of misses  ")]


def test_it_is_in_the_page_and_the_mail_of_an_uploaded_test() -> None:
    promotion = document(findings(answers(500, 0.9)))["sagerelay"]
    told = findings(answers(300, 0.8, 1))
    evaluation, measured = document(told), told.measurement.candidate
    settings: Any = {"monitoring": {"metric": "miss_cost"}}
    evaluation["sagerelay"]["at_promotion"] = beside_promotion(measured, 300, promotion, settings, None, WIDER)
    rows = {"read": 300, "evaluated": 300}
    evaluation["sagerelay"]["uploaded"] = {"check": "churn-test-4", "files": [], "rows": rows, "trained_on": 0}
    drawn = curves(told.predictions, measured.scores, CLASSES, None)
    shown = f"{evaluation['sagerelay']['metrics']['miss_cost']['value']:#.4g}"
    page = Page(render_uploaded(context_of(), evaluation, drawn))
    assert f"Cost of misses {shown}" in page.words
    found: Any = evaluation  # as it is read again
    context = MailContext(Timeline().monitor, CheckKeys("churn", Kind.TEST, 4, NOW), "", found)
    mail = about(Mail.TESTED, context, DEPLOYMENT)
    assert mail.subject.startswith(f"churn: live model tested, Cost of misses {shown}")


def test_one_without_an_interval_has_a_value_only() -> None:
    plain = CATALOGUE.with_(replace(COST, interval=False))
    found = measure(answers(300, 0.8), answers(300, 0.7), CLASSES, catalogue=plain)
    assert found.candidate.metrics["miss_cost"].low is None
    assert found.candidate.metrics["miss_cost"].undefined is None
    assert found.differences is not None
    assert found.differences["miss_cost"].value is not None
    assert found.candidate.metrics["auc"].low is not None


def test_one_that_is_undefined_says_its_sentence() -> None:
    never = CATALOGUE.with_(
        Entry("never", "Never", ("binary",), function=lambda _predictions, _weights: np.nan, undefined="No row costs.")
    )
    assert measure(answers(300, 0.8), None, CLASSES, catalogue=never).candidate.metrics["never"].undefined == (
        "No row costs."
    )
