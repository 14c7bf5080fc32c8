"""The measures beside a column on the drift page."""

from __future__ import annotations

from jobs.report.drift_page import render_drift
from tests.report import monitored
from tests.report.pages import inert


def test_every_test_that_decides_is_shown() -> None:
    wider = monitored.number("age", 0.3, direction="wider")
    wider["measures"]["rank_spread"] = {"statistic": 1.37, "p_value": 1.2e-9}
    page = inert(render_drift(monitored.drift(features=[wider], predictions=[])))
    assert "Rank spread (Mood)" in page.words
    assert "1.2e-09" in page.words
    assert "Rank spread" not in inert(render_drift(monitored.drift())).words  # not defined for any of these
