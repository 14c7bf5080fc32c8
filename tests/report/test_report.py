"""The page holds together: self-contained, inert whatever the names, complete or saying what is missing, small."""

import copy
import re
from typing import Any

import numpy as np
import pytest

from jobs.documents.evaluation import Gain
from jobs.evaluate.answers import predictions
from jobs.evaluate.curves import curves
from jobs.evaluate.endpoint import Answer
from jobs.evaluate.evaluation import Findings, LiveModel, Requests, document
from jobs.metrics.intervals import measure
from jobs.metrics.predictions import Predictions
from jobs.refusals import Warned
from jobs.report import render, sections, words
from jobs.report.figures import Figures
from jobs.tables.bodies import Body
from tests.evaluate.trained import Trained, context_of, train, trials_of
from tests.report.pages import EVIL, Page, accessible, inert

VERDICT = "<!--sagerelay:verdict-->"


def evaluated(model: Trained, live: Trained | None = None) -> tuple[Any, dict[str, Any]]:
    """evaluation.json and curves of a trained model on its own test rows."""
    schema, test = model.schema, model.test.drop(columns="target")
    classes = schema["classes"]
    actual = model.test["target"].to_numpy() if classes is None else model.test["target"].map(classes.index).to_numpy()

    def asked(trained: Trained) -> Predictions:
        answers = [Answer(Body(2, len(test), ""), trained.answer(test.to_csv(index=False)), 1)]
        return predictions(answers, actual, schema, None)

    ours = asked(model)
    found = measure(ours, None if live is None else asked(live), classes)
    findings = Findings(
        "clinic-1a2b3c4d", schema, ours, found, None if live is None else LiveModel("sagerelay-clinic", "r"),
        [{"column": "ward", "gain": 0.7}, {"column": "mean_area", "gain": 0.3}], Requests(1, 0, len(test), 0.5),
        (Warned("x", "Mind this <b>thing</b>."),),
    )  # fmt: skip
    live_scores = None if found.live is None else found.live.scores
    return document(findings), curves(ours, found.candidate.scores, classes, live_scores)


@pytest.fixture(scope="module")
def binary() -> tuple[Trained, dict[str, Any], dict[str, Any]]:
    model = train("binary")
    return model, *evaluated(model, train("binary", rounds=1, max_depth=1))


def test_one_self_contained_page_with_a_place_for_the_verdict(binary: Any) -> None:
    model, evaluation, drawn = binary
    text = render(context_of(live=True), model.schema, evaluation, drawn, trials_of())
    page = inert(text)
    assert text.count(VERDICT) == 1
    heading = [tag for tag, _ in page.tags].index("section")
    assert heading < [tag for tag, _ in page.tags].index("table")


def test_every_section_says_its_numbers(binary: Any) -> None:
    model, evaluation, drawn = binary
    page = Page(render(context_of(live=True), model.schema, evaluation, drawn, trials_of()))
    ours, text = evaluation["sagerelay"], " ".join(page.text.split())
    assert words.number(ours["metrics"]["auc"]["value"]) in text
    assert words.number(ours["live"]["metrics"]["auc"]["value"]) in text
    assert Figures(ours, "binary").signed("log_loss", ours["comparison"]["log_loss"]["difference"]) in text
    for part in (
        "best F1",
        "20 trials (18 completed, 1 failed, 1 stopped)",
        "max_depth",
        "mean_area",
        "9b2cf535f2",
        "5 min 12 s",
    ):
        assert part in text, part
    images = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert len(images) == 3 + 1 + 4
    accessible(page)


def test_pictures_follow_the_theme(binary: Any) -> None:
    model, evaluation, drawn = binary
    text = render(context_of(), model.schema, evaluation, drawn, trials_of())
    for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        assert "var(--" in svg
        assert not re.search(r"#0[0-9a-f]0[0-9a-f]0[0-9a-f]", svg)
        assert "#000000" not in svg
        assert "#ffffff" not in svg


def test_names_with_html_are_inert_everywhere(binary: Any) -> None:
    model, evaluation, drawn = copy.deepcopy(binary)
    evil = Trained(model.booster, model.schema, model.train, model.test)
    context, trials = context_of(live=True), trials_of()
    evil.schema["target"] = evil.schema["positive_class"] = EVIL
    evil.schema["columns"][0]["name"] = evil.schema["columns"][1]["why_unused"] = EVIL
    evil.schema["class_counts"] = {EVIL: 3, VERDICT: 2}
    ours = evaluation["sagerelay"]
    ours["warnings"].append({"code": EVIL, "sentence": EVIL, "file": EVIL, "row": 3, "column": EVIL})
    ours["target"] = ours["positive_class"] = EVIL
    ours["classes"] = [EVIL, VERDICT]
    ours["per_class"] = {EVIL: ours["per_class"]["benign"]}
    ours["importance"] = [{"column": EVIL, "gain": 1.0}]
    ours["live"]["endpoint"] = EVIL
    ours["metrics"]["auc"] = {"value": None, "low": None, "high": None, "undefined": EVIL}
    drawn["classes"][0]["name"] = EVIL
    context["dataset"] = context["inputs"][0]["key"] = context["settings"]["target"] = EVIL
    context["hyperparameters"]["eta"] = EVIL
    trials["trials"][0]["hyperparameters"]["booster"] = EVIL
    text = render(context, evil.schema, evaluation, drawn, trials)
    page = inert(text)
    assert text.count(VERDICT) == 1
    assert page.text.count(EVIL) >= 10


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_other_tasks_without_tuning_or_live_model_say_so(task: str) -> None:
    model = train(task)
    evaluation, drawn = evaluated(model)
    page = Page(render(context_of(), model.schema, evaluation, drawn, None))
    text = " ".join(page.text.split())
    assert "There is no live model to compare with yet." in text
    assert "were not tuned in this run" in text
    assert "Mind this <b>thing</b>." in text
    shown = "Predicted against actual." if task == "regression" else "One line a class, against all others."
    assert shown in text
    assert sum(tag == "svg" for tag, _ in page.tags) == 3


def test_a_test_set_of_one_class_still_makes_a_page(binary: Any) -> None:
    model = binary[0]
    only = Trained(model.booster, model.schema, model.train, model.test[model.test["target"] == "benign"])
    evaluation, drawn = evaluated(only)
    text = " ".join(Page(render(context_of(), model.schema, evaluation, drawn, None)).text.split())
    assert "There is no ROC curve" in text
    assert 'test rows are of the class "benign"' in text


def test_a_live_model_that_could_not_be_measured_is_told(binary: Any) -> None:
    model, evaluation, drawn = copy.deepcopy(binary)
    evaluation["sagerelay"] |= {
        "comparison": None,
        "live": {"endpoint": "sagerelay-clinic", "run": "r", "metrics": None, "unavailable": "It has other classes."},
    }
    text = " ".join(Page(render(context_of(live=True), model.schema, evaluation, drawn, None)).text.split())
    assert "could not be measured on these rows. It has other classes." in text


def test_a_huge_run_makes_a_small_page(binary: Any) -> None:
    """20,000 columns, 100 classes, 750 trials, 3,000 files: capped, saying how many more."""
    generator, names = np.random.default_rng(0), [f"class {number} " + "x" * 100 for number in range(100)]
    actual = generator.integers(0, 100, 3_000)
    raw = generator.random((3_000, 100)) + 2 * np.eye(100)[actual]
    chance = raw / raw.sum(axis=1, keepdims=True)
    model = Predictions("multiclass", actual, chance.argmax(axis=1), chance)
    column = {"kind": "numeric", "used": True, "why_unused": None, "missing": 0.1, "distinct": 9}
    schema = binary[0].schema | {
        "classes": names,
        "class_counts": dict.fromkeys(names, 30),
        "columns": [{"name": f"column {number} " + "y" * 5_000, **column} for number in range(20_000)],
    }
    found = measure(model, None, names)
    shares: list[Gain] = [{"column": f"column {number}", "gain": 1 / 20_000} for number in range(20_000)]
    evaluation = document(Findings("r", schema, model, found, None, shares, Requests(3, 0, 3_000, 1.0)))
    context = context_of()
    context["inputs"] *= 3_000
    text = render(context, schema, evaluation, curves(model, found.candidate.scores, names), trials_of(750))
    assert len(text.encode()) < 2_000_000
    shown = " ".join(Page(text).text.split())
    for part in (
        "19,940 more columns",
        "60 more classes",
        "725 more trials",
        "2,960 more files",
        "92 more are in the table",
    ):
        assert part in shown, part


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (
            {
                "rows": 227,
                "value": 0.95,
                "difference": {"difference": 0.012, "low": -0.01, "high": 0.03, "undefined": None},
            },
            "Its ROC AUC is 0.9500; the candidate differs by +0.0120 (95 % interval −0.0100 to +0.0300): no clear",
        ),
        (
            {
                "rows": 9,
                "value": 0.95,
                "difference": {"difference": -0.2, "low": -0.3, "high": -0.1, "undefined": None},
            },
            "answered 9 of them from what its training left, without an endpoint. Its ROC AUC is 0.9500; the candidate",
        ),
        ({"unavailable": f"Its {EVIL} is gone."}, "could not be asked about these rows. Its"),
        (
            {
                "rows": 9,
                "difference": {"difference": None, "low": None, "high": None, "undefined": "There is one class."},
            },
            "There is one class.",
        ),
    ],
)
def test_the_best_earlier_model_stands_beside_the_live_one(binary: Any, told: dict[str, Any], shown: str) -> None:
    model, evaluation, drawn = binary
    blank = {"rows": None, "value": None, "difference": None, "unavailable": None}
    ours: Any = evaluation["sagerelay"] | {"best_earlier": {"run": "clinic-0badcafe", "metric": "auc", **blank, **told}}

    shown_with: Any = evaluation | {"sagerelay": ours}
    page = inert(render(context_of(live=True), model.schema, shown_with, drawn, None))

    text = " ".join(page.text.split())
    assert "The best earlier model, of run" in text
    assert shown in text
    without = " ".join(Page(render(context_of(live=True), model.schema, evaluation, drawn, None)).text.split())
    assert "best earlier model" not in without


def test_many_classes_are_gathered_without_losing_a_row() -> None:
    matrix = np.random.default_rng(0).integers(0, 9, (50, 50))
    found = sections.confusion({"confusion_matrix": matrix.tolist(), "classes": [str(number) for number in range(50)]})
    assert found is not None
    assert len(found["rows"]) == len(found["names"]) == 20
    assert found["names"][-1] == sections.OTHERS
    counted = sum(int(cell["count"].replace(",", "")) for row in found["rows"] for cell in row["cells"])
    assert counted == matrix.sum()


@pytest.mark.parametrize(
    ("name", "low", "high", "meaning"),
    [
        ("auc", 0.01, 0.02, "better"),
        ("auc", -0.02, -0.01, "worse"),
        ("log_loss", 0.01, 0.02, "worse"),
        ("rmse", -0.02, -0.01, "better"),
        ("auc", -0.01, 0.02, "no clear difference"),
        ("auc", None, None, None),
    ],
)
def test_a_difference_is_called_what_its_interval_allows(name: str, low: Any, high: Any, meaning: Any) -> None:
    assert Figures({}).meaning(name, {"low": low, "high": high}) == meaning
