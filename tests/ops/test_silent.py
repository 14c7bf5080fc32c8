"""Traffic that must stay silent: rows that come again, and rows of a few hours only."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from ops.baselines import Clock, clock
from ops.drill.scenarios import Answers, Plan, Scenario, Skipped, plan
from ops.live import Column, HeldOut
from tests.ops.world import held_out, rows

CAME = Column("came", "date", used=True)
DAILY = Clock("came", "%d.%m.%Y %H:%M", hours=(100,) * 24, weekdays=(400,) * 7)
DATES = Clock("came", None, hours=(2400, *[0] * 23), weekdays=(400, 400, 400, 400, 400, 400, 20))


def timed(known: Clock | None, unlike_training: str | None = None) -> HeldOut:
    """240 rows a column longer: ten of each hour of the day, in the last row no time."""
    world = held_out()
    texts = [
        f"{1 + number // 24:02}.06.2026 {number % 24:02}:30"
        if known is not DATES
        else f"2026-06-{1 + number % 28:02}"  # 1 June 2026 is a Monday
        for number in range(239)
    ]
    table = tuple((*row[:-1], text, row[-1]) for row, text in zip(rows(240), [*texts, ""], strict=True))
    return replace(
        world,
        columns=(*world.columns[:-1], CAME, world.columns[-1]),
        rows=table,
        clock=known,
        unlike_training=unlike_training,
    )


def made(scenario: Scenario, known: HeldOut, *, most: int = 300, fewest: int = 1, seed: int = 7) -> Plan:
    planned = plan(scenario, known, rows=most, fewest=fewest, seed=seed)
    assert isinstance(planned, Plan), planned
    assert (planned.named, planned.others, planned.answers) == (frozenset(), False, Answers.STAY)
    assert not planned.is_drift
    return planned


def why_not(scenario: Scenario, known: HeldOut, *, most: int = 300, fewest: int = 1) -> str:
    planned = plan(scenario, known, rows=most, fewest=fewest, seed=7)
    assert isinstance(planned, Skipped), planned
    return planned.reason


def test_each_row_comes_five_times_half_of_them_at_once_and_half_at_any_time() -> None:
    sent = made(Scenario.REPEATED, held_out()).rows
    assert set(Counter(sent).values()) == {5}
    assert len(set(sent)) == 60
    assert set(sent) <= {row[:-1] for row in rows()}
    at_once, later = sent[:150], sent[150:]
    assert all(len(set(at_once[first : first + 5])) == 1 for first in range(0, 150, 5))
    assert sum(len(set(later[first : first + 5])) == 1 for first in range(0, 150, 5)) < 3
    assert not set(at_once) & set(later)


@pytest.mark.parametrize(
    ("most", "sent", "different"), [(300, 300, 60), (102, 102, 21), (3, 3, 1), (9_999, 2_000, 400)]
)
def test_no_more_rows_are_sent_than_asked_for(most: int, sent: int, different: int) -> None:
    planned = made(Scenario.REPEATED, held_out(), most=most)
    assert (len(planned.rows), len(set(planned.rows))) == (sent, different)


def test_rows_that_come_again_are_sent_only_where_the_check_can_know_them() -> None:
    assert "an earlier version" in why_not(Scenario.REPEATED, held_out(many_valued=None))
    assert "too few columns hold many different numbers" in why_not(Scenario.REPEATED, held_out(many_valued=("age",)))
    newest = held_out(unlike_training="the held-out rows are the newest ones")
    assert why_not(Scenario.REPEATED, newest).endswith("newest ones, so they are no repeated traffic")


def test_only_six_hours_in_a_row_come_each_row_once_and_unchanged() -> None:
    known = timed(DAILY)
    planned = made(Scenario.SEASONAL, known, fewest=50)
    assert set(planned.rows) <= {row[:-1] for row in known.rows}
    assert len(planned.rows) == len(set(planned.rows))
    hours = {int(row[-1][11:13]) for row in planned.rows}
    first = int(planned.done.split(" hours ")[1].split(" to ")[0])
    assert hours == {(first + step) % 24 for step in range(6)}
    assert len(planned.rows) in (59, 60)
    assert len(made(Scenario.SEASONAL, known, most=55, fewest=50).rows) == 55


def test_dates_without_hours_give_two_days_of_the_week() -> None:
    known = timed(DATES)
    for seed in range(5):  # of Sundays the training rows are too few
        planned = made(Scenario.SEASONAL, known, seed=seed)
        first, last = (int(word) for word in planned.done.split(" weekdays ")[1].split(" by ")[0].split(" to "))
        assert {(int(row[-1][8:]) - 1) % 7 for row in planned.rows} == {first, last} < {0, 1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        (timed(None), "no hours and weekdays of the training rows are known"),
        (timed(replace(DAILY, hours=(29,) * 24)), "no 6 hours in a row have 50 held-out rows"),
        (timed(replace(DAILY, hours=(*[40] * 8, *[0] * 16))), "no 6 hours in a row have 50 held-out rows"),
        (timed(DAILY, unlike_training="the baseline is captured traffic"), "so they are no seasonal traffic"),
        (replace(timed(DAILY), columns=(*held_out().columns[:-1], replace(CAME, used=False))), "came, which says when"),
    ],
)
def test_a_season_that_the_check_does_not_know_is_skipped_with_the_reason(known: HeldOut, reason: str) -> None:
    assert reason in why_not(Scenario.SEASONAL, known, fewest=50)


def test_a_baseline_and_the_schema_say_by_which_column_and_how_it_is_written() -> None:
    schema = {"columns": [{"name": "came", "date_format": "%d.%m.%Y"}]}
    kept = {"column": "came", "hours": [3, 4], "weekdays": [7], "columns": {}}
    assert clock(schema, {"dependence": {"clock": kept}}) == Clock("came", "%d.%m.%Y", (3, 4), (7,))
    assert (
        clock(schema, {"dependence": {"clock": None}}) is clock(schema, {"dependence": {}}) is clock(schema, {}) is None
    )


@pytest.mark.parametrize(
    ("pattern", "cell", "hour"),
    [
        (None, " 2026-06-01 23:10:00 ", 23),
        (None, "2026-06-01T23:10:00-02:00", 1),
        ("%d.%m.%Y %H:%M", "01.06.2026 05:00", 5),
        ("%d.%m.%Y %H:%M", "2026-06-01 05:00", None),
        (None, "", None),
        (None, "soon", None),
    ],
)
def test_a_cells_hour_is_utc(pattern: str | None, cell: str, hour: int | None) -> None:
    moment = Clock("came", pattern, (), ()).moment(cell)
    assert (moment and moment.hour) == hour
