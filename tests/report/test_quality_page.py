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
        "F1 decides 0.800 0.710 0.690 to 0.730 −0.090 −0.110 to −0.070 worse",
        "Log loss 0.300 0.410 0.390 to 0.430 +0.110 +0.090 to +0.130 worse",
        "Precision 0.790 0.780 0.760 to 0.800 −0.010 −0.030 to +0.010 no clear difference",
        "All labels are of the same class.",
        "590",
        "88.1 %",
        "40 labels have an id that was never captured.",
        "850 rows with their labels stand in labelled.csv",
        "F1 has lost more than 0.020 (max_loss)",
        "F1 on real traffic.",
    ):
        assert part in page.words, part
    tags = [tag for tag, _ in page.tags]
    assert tags.index("section") < tags.index("table")


@pytest.mark.parametrize(
    ("document", "said", "never"),
    [
        (monitored.multiclass(), "Quality kept", "Quality fell"),
        (monitored.multiclass(), "The 19 most frequent of 30 classes are shown", "Every label could be used."),
        (monitored.numbers(), "14,100", "Confusion matrix"),
        (monitored.too_few_labels(), "Not enough labels 12 labels match the traffic", "Quality kept"),
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
