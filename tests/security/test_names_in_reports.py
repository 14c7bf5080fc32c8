"""HTML in the names of files, columns and classes is inert on the page of an uploaded test, as tests/report shows it of
the other pages; and a name in the relay's own stamp is."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from chalicelib.records.run import Stage, Verdict
from chalicelib.runtime.stamp import verdict_html
from jobs.evaluate.asking import write_predictions
from jobs.metrics.comparison import compared
from jobs.metrics.predictions import Predictions
from jobs.report.uploaded_page import render_uploaded
from tests.evaluate.trained import train
from tests.report.pages import EVIL, accessible, inert
from tests.report.test_report import evaluated


def uploaded_page() -> str:
    """The page with HTML in everything that a person may name."""
    evaluation, drawn = evaluated(train("binary"))
    ours: Any = evaluation["sagerelay"]
    blocks, _ = compared({}, 3, ours, None)
    ours |= {
        "target": EVIL,
        "positive_class": EVIL,
        "classes": [EVIL, "b"],
        "per_class": {EVIL: ours["per_class"]["benign"]},
    }
    ours["warnings"] = [{"code": EVIL, "sentence": EVIL, "file": EVIL, "row": 3, "column": EVIL}]
    ours["at_promotion"] = {"run": EVIL, "rows": 9, "metric": "auc", "sentence": EVIL, "metrics": blocks}
    ours["uploaded"] = {
        "check": EVIL,
        "files": [{"key": EVIL, "rows": 3, "format": EVIL, "compression": EVIL, "encoding": EVIL}],
        "rows": {"read": 3},
    }
    ours["metrics"]["auc"] = {"value": None, "low": None, "high": None, "undefined": EVIL}
    drawn["classes"][0]["name"] = EVIL
    context: Any = {"dataset": EVIL, "run": EVIL, "endpoint": EVIL}
    return render_uploaded(context, evaluation, drawn)


def test_the_page_of_an_uploaded_test_is_inert() -> None:
    page = inert(uploaded_page())
    accessible(page)
    assert page.text.count(EVIL) >= 10


def test_the_stamp_of_the_verdict_is_inert() -> None:
    for stage in (Stage.LIVE, Stage.REJECTED, Stage.PROMOTING, Stage.AWAITING_APPROVAL):
        stamp = verdict_html(Verdict(promote=True, reason=EVIL, ask=True), stage)
        page = inert(stamp)
        assert EVIL in page.text
        assert "<!--" not in stamp.replace("<!--sagerelay:verdict-->", "").replace("<!--/sagerelay:verdict-->", "")


def test_words_like_formulas_are_written_as_they_are_for_programs_read_them(tmp_path: Path) -> None:
    classes = ['=HYPERLINK("http://x";"y")', "@SUM(1)\n"]
    both = np.array([0, 1])
    write_predictions(tmp_path / "p.csv", Predictions("binary", both, both, np.eye(2), 1), classes)
    with (tmp_path / "p.csv").open(newline="") as file:
        assert [row["predicted"] for row in csv.DictReader(file)] == classes
