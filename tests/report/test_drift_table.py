"""The rows of the table that the drift page leads with, and the pictures in its cells."""

from typing import Any

import pytest

from jobs.report.drift_page import render_drift
from jobs.report.drift_table import FEWEST_OPEN, MOST_OPEN, drifting, gauge, table
from jobs.report.miniatures import miniature
from tests.report import monitored
from tests.report.pages import inert


def columns(count: int, drifted: int) -> list[Any]:
    one = monitored.number("x", bins=None)
    return [
        one | {"name": f"c{place}", "score": 0.4 if place < drifted else 0.01}
        | {"verdict": "drifted" if place < drifted else "stable"}
        for place in range(count)
    ]  # fmt: skip


def rows(*found: Any, **changed: Any) -> list[Any]:
    """The open rows of a check with these features."""
    shown: list[Any] = table(monitored.drift(features=list(found), **changed), "features")["open"]
    return shown


def lasting(states: list[list[str] | None]) -> Any:
    """`drifting` of a check with this history: what had drifted by check, None where traffic was too little."""
    checks = [
        {"check": f"check {place}", "at": monitored.moment(len(states) - 1 - place), "drifted": found or [],
         "state": "not-enough-traffic" if found is None else "drifted" if found else "stable"}
        for place, found in enumerate(states)
    ]  # fmt: skip
    last, found = checks[-1], [monitored.number(name, 0.5) for name in states[-1] or ()]
    return drifting(monitored.drift(check=last["check"], at=last["at"], features=found, history=checks))


def test_the_limit_lies_at_one_place_whatever_it_is() -> None:
    for limit in (0.05, 0.2, 0.31):
        on, twice, beyond = (gauge(times * limit, limit) for times in (1, 2, 50))
        assert on is not None
        assert twice is not None
        assert beyond is not None
        assert on["at"] == on["limit_at"] < twice["at"] < beyond["at"] < 100
    assert gauge(None, 0.05) is None


def test_a_column_is_held_to_the_limit_of_its_own_verdict() -> None:
    wild = monitored.number("wild", 0.6, verdict="stable", score=0.2, threshold=0.4)
    tame = monitored.number("tame", 0.6, score=0.1, threshold=0.05)
    near = monitored.number("near", verdict="stable", score=0.04, threshold=0.05)
    found = rows(wild, near, tame)
    assert [one["name"] for one in found] == ["tame", "near", "wild"]
    assert [(one["gauge"]["score"], one["gauge"]["limit"]) for one in found] == [
        ("0.1000", "0.0500"), ("0.0400", "0.0500"), ("0.2000", "0.4000"),
    ]  # fmt: skip


def test_a_bar_beyond_its_limit_without_drift_says_why() -> None:
    chance = monitored.number("chance", verdict="stable", score=0.09)
    clock = monitored.number("clock", 0.6, verdict="stable", score=0.3)
    clock["seasonal"] = {"by": "hour of day", "score": 0.02, "threshold": 0.06}
    chance_row, clock_row = rows(chance, clock)
    assert (chance_row["told"], chance_row["why"]) == ("stable", "large, but not certain: chance may have made it")
    assert (chance_row["tone"], clock_row["tone"]) == ("unsure", "stable")
    assert clock_row["told"] == "only the clock"
    assert "hour of day" in clock_row["why"]
    assert (clock_row["gauge"]["score"], clock_row["gauge"]["limit"]) == ("0.0200", "0.0600")


@pytest.mark.parametrize(
    ("states", "checks", "before"),
    [
        ([["age"]], 1, "nothing"),
        ([[], ["age"]], 1, "stable"),
        ([["plan"], ["age", "plan"], ["age"]], 2, "stable"),
        ([[], ["age"], None, ["age"]], 2, "stable"),
        ([["age"], [], ["age"], ["age"]], 2, "stable"),
        ([["age"], ["age"], ["age"]], 3, "nothing"),
    ],
)
def test_since_when_a_column_drifts(states: list[list[str] | None], checks: int, before: str) -> None:
    found = lasting(states)
    assert set(found) == set(states[-1] or ())
    assert (found["age"]["checks"], found["age"]["before"]) == (checks, before)
    heard = [place for place, one in enumerate(states) if one is not None]
    assert found["age"]["at"] == monitored.moment(len(states) - 1 - heard[-checks])


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        ({"state": "drifted", "answers": ["prediction"]}, (2, "nothing")),
        ({"state": "drifted", "answers": ["p(yes)"]}, (1, "stable")),
        ({"state": "drifted"}, (1, "unknown")),
        ({"state": "stable"}, (1, "stable")),
    ],
)
def test_since_when_an_answer_drifts_is_said_only_where_it_was_kept(earlier: Any, expected: tuple[int, str]) -> None:
    before = {"check": "before", "at": monitored.moment(1), "drifted": []} | earlier
    found = drifting(monitored.drift(history=[before]), "predictions")["prediction"]
    assert (found["checks"], found["before"]) == expected


def test_each_column_has_its_own_since() -> None:
    earlier: Any = [one | {"drifted": ["age"] if one["drifted"] else []} for one in monitored.history(30, 4)]
    age, plan, *_ = rows(*monitored.features(), history=earlier)
    assert age["since"] == {"at": "2026-11-19 10:00", "small": "4 checks in a row"}
    assert plan["since"] == {"at": "this check", "small": "new"}
    assert rows(monitored.number("calm"))[0]["since"] is None


@pytest.mark.parametrize(
    ("count", "drifted", "shown", "told"),
    [
        (MOST_OPEN, 1, MOST_OPEN, None),
        (MOST_OPEN + 1, 1, FEWEST_OPEN, "29 more: 29 without drift"),
        (200, 20, 20, "180 more: 180 without drift"),
        (200, 90, MOST_OPEN, "160 more: 50 drifted, 110 without drift"),
    ],
)
def test_of_many_columns_the_worst_are_open(count: int, drifted: int, shown: int, told: str | None) -> None:
    found = table(monitored.drift(features=columns(count, drifted)), "features")
    assert len(found["open"]) == shown
    assert all(one["details"] for one in found["open"])
    assert len(found["folded"]["shown"]) == count - shown
    assert not any(one["details"] for one in found["folded"]["shown"])
    if told:
        assert found["folded_told"] == told


def test_a_miniature_is_both_outlines_and_says_how_far_they_overlap() -> None:
    bins = {"labels": ["a", "b", "c"], "baseline": [0.5, 0.25, 0.25], "current": [0.25, 0.25, 0.5]}
    found: Any = monitored.number("age", 0.5, bins=bins)
    assert miniature(found) == {
        "width": "3", "baseline": "M0 24V0H1V12H3V24", "current": "M0 24V12H2V0H3V24",
        "told": "the values of training and of this traffic overlap by 75.0 %",
    }  # fmt: skip


def test_many_words_end_in_one_bar_and_missing_values_are_a_bar_apart() -> None:
    many: Any = monitored.words_of("plan", {f"w{place}": (0.04, 0.04) for place in range(25)})
    drawn = miniature(many)
    assert drawn
    assert (drawn["width"], drawn["current"].count("M")) == ("12", 12)
    income: Any = monitored.features()[2]
    alone: Any = income | {"bins": None, "kind": "identifier"}
    for one in (income, alone):
        found = miniature(one)
        assert found
        assert found["told"].endswith("missing: 1.2 %, then 9.8 % of the rows")
        assert float(found["width"]) > 1
    unknown: Any = monitored.undefined("signup")
    assert miniature(unknown) is None


def test_the_page_shows_the_rows_and_old_documents_too() -> None:
    found = monitored.features()
    found[0] |= {"dependence": {"effect": 4.7, "rows": 255, "training_effect": 1.0, "reached": 0.12}, "threshold": 0.14}
    page = inert(render_drift(monitored.drift(features=found, history=[])))
    for part in (
        "of 0.1400",
        "Since (UTC)",
        "this check the first there is",
        "255 independent rows",
        "blocks reach 0.1200",
    ):
        assert part in page.words, part
    found[0]["dependence"]["furthest"] = 0.21
    moved = inert(render_drift(monitored.drift(features=found, history=[])))
    assert "smaller than a training value in more than 79.0 % of comparisons" in moved.words
    assert "blocks reach" not in moved.words
    old = inert(render_drift(monitored.drift(history=[])))
    assert "of 0.0500" in old.words
    assert "independent rows" not in old.words
