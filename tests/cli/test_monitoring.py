"""What is told of the monitor of a live model: two records in, lines out."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.monitoring.record import Check, Condition, Monitor, Retraining
from chalicelib.names import CheckKeys, Kind
from chalicelib.records.run import LiveModel
from chalicelib.settings.defaults import filled_for_monitor
from local.cli.monitoring import changes, status

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIVE = LiveModel("churn-1a2b3c4d", "sagerelay-churn", 1, "2026-11-20T09:12:00Z")
QUIET = Monitor("churn", live=LIVE)
DRIFT = Check(Kind.DRIFT, 12, NOON, LIVE.run)
DRILL = Check(Kind.DRILL, 13, NOON, LIVE.run, attempt=2, subject="d1")


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (QUIET, QUIET, []),
        (Monitor("churn"), QUIET, ["monitoring: over the model of run churn-1a2b3c4d from now on"]),
        (QUIET, replace(QUIET, checks=(DRIFT,)), ["monitoring: drift check 12 begun"]),
        (
            replace(QUIET, checks=(DRIFT,)),
            replace(QUIET, checks=(DRILL,), drift=Condition("drifted", "2026-11-21T09:00:00Z")),
            [
                "monitoring: drift check 12 ended",
                "monitoring: drill check 13 (d1), attempt 2 begun",
                "monitoring: drift: unknown -> drifted since 2026-11-21T09:00:00Z",
            ],
        ),
        (QUIET, replace(QUIET, quality=Condition("fell")), ["monitoring: quality: unknown -> fell"]),
        (
            replace(QUIET, open_alerts=("no-traffic",)),
            replace(QUIET, open_alerts=("failed-drift",)),
            ["monitoring: trouble: failed-drift", "monitoring: over: no-traffic"],
        ),
        (
            QUIET,
            replace(QUIET, retraining=Retraining(number=1, stopped=True)),
            ["monitoring: retraining 1 is asked for", "monitoring: retraining has stopped: it brought no gain"],
        ),
    ],
)
def test_each_change_of_the_monitor_is_a_line(before: Monitor, after: Monitor, lines: list[str]) -> None:
    assert changes(before, after) == lines


def test_how_things_are_is_one_line() -> None:
    assert status(QUIET) == "monitoring: drift unknown; not checked yet"
    drifted = replace(
        QUIET,
        drift=Condition("drifted", "2026-11-21T09:00:00Z"),
        quality=Condition("kept"),
        last_drift=CheckKeys("churn", Kind.DRIFT, 12, NOON),
        open_alerts=("few-labels",),
        settings=filled_for_monitor({"monitoring": {"enabled": False}}),
    )
    assert status(drifted) == (
        "monitoring (off): drift drifted since 2026-11-21T09:00:00Z; quality kept; "
        "last check 2026-11-22 12:00 UTC; trouble: few-labels"
    )
