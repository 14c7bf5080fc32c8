"""What is told of the watch over a live model: two records in, lines out."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.names import CheckKeys, Kind
from chalicelib.run import LiveModel
from chalicelib.watch.record import Check, Condition, Retraining, Watch
from local.cli.watching import changes, standing

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIVE = LiveModel("churn-1a2b3c4d", "sagerelay-churn", 1, "2026-11-20T09:12:00Z")
QUIET = Watch("churn", live=LIVE)
DRIFT = Check(Kind.DRIFT, 12, NOON, LIVE.run)
DRILL = Check(Kind.DRILL, 13, NOON, LIVE.run, attempt=2, subject="d1")


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (QUIET, QUIET, []),
        (Watch("churn"), QUIET, ["watch: over the model of run churn-1a2b3c4d from now on"]),
        (QUIET, replace(QUIET, checks=(DRIFT,)), ["watch: drift check 12 begun"]),
        (
            replace(QUIET, checks=(DRIFT,)),
            replace(QUIET, checks=(DRILL,), drift=Condition("drifted", "2026-11-21T09:00:00Z")),
            [
                "watch: drift check 12 ended",
                "watch: drill check 13 (d1), attempt 2 begun",
                "watch: drift: unknown -> drifted since 2026-11-21T09:00:00Z",
            ],
        ),
        (QUIET, replace(QUIET, quality=Condition("fell")), ["watch: quality: unknown -> fell"]),
        (
            replace(QUIET, told=("no-traffic",)),
            replace(QUIET, told=("failed-drift",)),
            ["watch: trouble: failed-drift", "watch: over: no-traffic"],
        ),
        (
            QUIET,
            replace(QUIET, retraining=Retraining(number=1, stopped=True)),
            ["watch: retraining 1 is asked for", "watch: retraining has stopped: it brought no gain"],
        ),
    ],
)
def test_each_change_of_the_watch_is_a_line(before: Watch, after: Watch, lines: list[str]) -> None:
    assert changes(before, after) == lines


def test_how_things_are_is_one_line() -> None:
    assert standing(QUIET) == "watch: drift unknown; not checked yet"
    drifted = replace(
        QUIET,
        drift=Condition("drifted", "2026-11-21T09:00:00Z"),
        quality=Condition("kept"),
        last_drift=CheckKeys("churn", Kind.DRIFT, 12, NOON),
        told=("few-labels",),
        settings={"monitoring": {"enabled": False}},
    )
    assert standing(drifted) == (
        "watch (monitoring is off): drift drifted since 2026-11-21T09:00:00Z; quality kept; "
        "last check 2026-11-22 12:00 UTC; trouble: few-labels"
    )
