"""The page of a quality check: real traffic against promotion, how much of it has labels, inert whatever the names."""

from typing import Any

import pytest

from jobs.report.quality_page import render_quality
from tests.report import monitored
from tests.report.pages import EVIL, accessible, inert
from tests.report.test_drift_page import poisoned


def test_a_check_that_found_a_loss_says_everything() -> None:
    page = inert(render_quality(monitored.quality()))
    accessible(page)
    for part in (
        "Quality fell F1 is 0.71, 0.09 below the 0.80",
        "Measured on 800 labelled rows that the live model answered",
        "The same since 2026-11-15 10:00 UTC, in 2 checks in a row.",
        "28.0 % of the captured traffic has a label.",
        "F1 decides 0.8000 0.7100 0.6900 to 0.7300 −0.0900 −0.1100 to −0.0700 worse",
        "Log loss 0.3000 0.4100 0.3900 to 0.4300 +0.1100 +0.0900 to +0.1300 worse",
        "Precision 0.7900 0.7800 0.7600 to 0.8000 −0.0100 −0.0300 to +0.0100 no clear difference",
        "All labels are of the same class.",
        "590",
        "88.1 %",
        "40 labels have an id that was never captured.",
        "850 rows with their labels stand in labelled.csv",
        "F1 has lost more than 0.02 (max_loss)",
        "F1 on real traffic.",
    ):
        assert part in page.words, part
    tags = [tag for tag, _ in page.tags]
    assert tags.index("section") < tags.index("table")


def test_the_model_before_stands_beside_the_verdict() -> None:
    said = f"The model before it (run churn-0badcafe) on the same 800 rows: {EVIL}: it is better."
    page = inert(render_quality(monitored.quality(before={"run": "churn-0badcafe", "better": True, "sentence": said})))
    assert "on the same 800 rows" in page.words
    assert "The model before it" not in inert(render_quality(monitored.quality())).words


def test_a_changed_relation_has_a_part_of_its_own_whatever_the_quality() -> None:
    changed = inert(render_quality(monitored.multiclass() | {"relation": monitored.relation()}))
    accessible(changed)
    for part in (
        "No certain loss",
        "Whatever the quality: the same inputs now have other outcomes, see below.",
        "Do the same inputs still have the same outcomes? No. The same inputs now have other outcomes",
        "evidence of a change 312.40 that would call it one 100",
        "labelled rows that counted 1,234",
        "promised 24.0 % seen since then 31.0 % of 700 rows",
        "difference, in points +7.0 95 % confidence sequence +2.0 to +12.0",
    ):
        assert part in changed.words, part
    same = inert(render_quality(monitored.quality(relation=monitored.relation(state="unchanged", shift=None))))
    assert "outcomes? No." not in same.words
    assert "Do the same inputs" not in inert(render_quality(monitored.quality())).words
    why = "Only 60 rows were held out when the model was evaluated; to hold outcomes against them takes 100."
    unknown = monitored.relation(state=None, undefined=why, sentence=why, shift=None)
    told = inert(render_quality(monitored.quality(relation=unknown)))
    assert f"the same outcomes? {why} Labels" in told.words


@pytest.mark.parametrize(
    ("document", "said", "never"),
    [
        (monitored.multiclass(), "No certain loss", "Quality fell"),
        (monitored.multiclass(), "The 19 most frequent of 30 classes are shown", "Every label could be used."),
        (monitored.numbers(), "14,100", "Confusion matrix"),
        (monitored.numbers(), "RMSE has lost more than 0.02 in the unit of RMSE (max_loss)", "% of the RMSE"),
        (
            monitored.numbers() | {"max_loss_meant": "share"},
            "RMSE has lost more than 2 % of the RMSE at promotion (246.0) (max_loss)",
            "in the unit of",
        ),
        (monitored.too_few_labels(), "Not enough labels 12 labels match the traffic", "No certain loss"),
        (monitored.too_few_labels(), "No metric was computed in this check.", "Confusion matrix"),
        (monitored.too_few_labels(), "Every label could be used.", "stand in labelled.csv"),
        (
            monitored.quality(history=[]),
            "This is the first check of this model's quality.",
            "on real traffic. The dashed",
        ),
        (
            monitored.quality(metric="auc", history=monitored.quality()["history"]),
            "Quality fell",
            "ROC AUC on real traffic.",
        ),
    ],
)
def test_other_checks(document: Any, said: str, never: str) -> None:
    page = inert(render_quality(document))
    accessible(page)
    assert said in page.words
    assert never not in page.words


def test_html_in_any_name_is_inert() -> None:
    page = inert(render_quality(poisoned(monitored.quality())))
    assert page.text.count(EVIL) > 20
    accessible(page)


def test_a_hundred_classes_make_a_small_page() -> None:
    assert len(render_quality(monitored.multiclass(100)).encode()) < 200_000


def test_a_metric_of_too_few_rows_says_what_its_number_is() -> None:
    none = dict.fromkeys(("low", "high", "difference_low", "difference_high"))
    few = monitored.metric(0.8, "value", 0.71, -0.09) | none | {"few": {"rows": 4, "of": "yes", **none}}
    found: Any = {"accuracy": monitored.metric(0.91, "value", 0.84, -0.07), "f1": few}
    page = inert(render_quality(monitored.quality(metrics=found, history=[])))
    assert "0.7100 too few to tell: 4 −0.0900 too few to tell: 4" in page.words
    assert "the number is that of the rows of the class" in page.words
    assert "the number is that of the rows" not in inert(render_quality(monitored.quality(history=[]))).words
