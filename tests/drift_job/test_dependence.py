"""From records to the rule that dependent rows are judged by."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from jobs.capture import cut
from jobs.drift.check import check
from jobs.drift.traffic import count, moments
from jobs.profiles.clock import clock
from jobs.profiles.profile import Reference
from tests.drift_job.made import Rows, asked, baseline, known, records, rows


@cache
def live() -> Any:
    return known(baseline(dependent=True))


def again(made: Rows, times: int) -> Rows:
    """Every row so many times, in no order."""
    places = np.random.default_rng(1).permutation(np.repeat(np.arange(len(made["age"])), times))
    return {name: values[places] for name, values in made.items()}


def lines(made: Rows, seconds: int = 60) -> list[bytes]:
    """A record every `seconds`."""
    start = datetime(2026, 11, 21, tzinfo=UTC)
    stamps = [f"{start + timedelta(seconds=seconds * place):%Y-%m-%dT%H:%M:%SZ}" for place in range(len(made["age"]))]
    return stamped(made, stamps)


def stamped(made: Rows, stamps: list[str]) -> list[bytes]:
    """A record at each of these times."""
    pairs = zip(records(made), stamps, strict=True)
    return [line.replace(b"2026-11-21T10:00:00Z", stamp.encode()) for line, stamp in pairs]


def checked(made: list[bytes], baseline: Any = None, files: int = 1, threads: int = 1) -> Any:
    parts = ((f"f{number}", b"".join(made[number::files])) for number in range(files))
    return check(asked(), count(cut(parts), baseline or live(), asked().which, threads))


def test_a_check_says_by_what_rule_it_judged() -> None:
    document = checked(lines(rows(1_000, 2)))
    assert (document["state"], document["rule"]["name"]) == ("stable", "blocks")
    assert document["rule"]["blocks"] == {"rows": 1_000, "count": 6}
    assert "1,000 consecutive training rows" in document["rule"]["sentence"]
    assert all(one["dependence"]["reached"] is not None for one in document["features"] if one["kind"] == "numeric")


def test_a_baseline_of_before_counts_every_row_and_says_so() -> None:
    document = checked(lines(rows(1_000, 2)), known(baseline()))
    assert (document["rule"]["name"], document["rule"]["blocks"]) == ("independent", None)
    assert "earlier version" in document["rule"]["sentence"]
    assert not any("dependence" in one for one in [*document["features"], *document["predictions"]])


def test_bursts_without_a_change_are_stable_and_were_not_before() -> None:
    """A week of old people, a week of young ones: each such block is what the training never was as a whole."""
    made = rows(1_000, 2)
    made["age"] = made["age"] + np.repeat(np.random.default_rng(4).normal(0, 10, 10), 100)
    assert checked(lines(made), known(baseline()))["state"] == "drifted"
    found = checked(lines(made))
    assert "age" not in found["drifted"]
    age = next(one for one in found["features"] if one["name"] == "age")
    assert age["dependence"]["rows"] < 100


@pytest.mark.parametrize(("files", "threads"), [(1, 1), (5, 2)])
def test_a_check_does_not_depend_on_files_order_or_threads(files: int, threads: int) -> None:
    made = lines(again(rows(500, 3, older=3), 3))
    shuffled = list(made)
    Random(7).shuffle(shuffled)
    expected, found = checked(made), checked(shuffled, files=files, threads=threads)
    assert found | {"window": None} == expected | {"window": None}


def office(rows_: int, hours: range, seed: int) -> tuple[Rows, list[str]]:
    """Rows of these hours, of people 20 years older at night; and when each came."""
    made = rows(rows_, seed)
    hour = np.random.default_rng(seed).choice(list(hours), rows_)
    made["age"] = made["age"] + np.where(hour < 6, 20, 0)
    stamps = [f"2026-11-{21 + place % 7:02d}T{at:02d}:{place % 60:02d}:00Z" for place, at in enumerate(hour.tolist())]
    return made, stamps


@cache
def of_days() -> Any:
    """A baseline that knows the hours of its rows."""
    made, stamps = office(6_000, range(24), 1)
    document, answers = baseline(made, dependent=True)
    references = [Reference.read(one) for one in document["columns"]]
    values = {name: made[name] for name in ("age", "plan", "member", "signed")}
    words = {name: pa.array(values[name]).dictionary_encode() for name in ("plan", "member")}
    seconds = np.array([datetime.fromisoformat(stamp).timestamp() for stamp in stamps])
    document["dependence"]["reach"] = []
    document["dependence"]["clock"] = clock(references, {**values, **words}, "came", seconds)
    return known((document, answers))


def test_a_window_of_nights_is_the_clock_and_another_change_of_it_is_drift() -> None:
    made, stamps = office(1_000, range(6), 5)
    found = checked(stamped(made, stamps), of_days())
    assert (found["state"], found["drifted"], found["seasonal"]) == ("stable", [], ["age"])
    age = next(one for one in found["features"] if one["name"] == "age")
    assert age["seasonal"]["by"].startswith("hour of day")
    assert age["score"] > age["threshold"] > age["seasonal"]["score"]
    made["age"] = made["age"] + 15
    found = checked(stamped(made, stamps), of_days())
    assert (found["drifted"], found["seasonal"]) == (["age"], [])


def test_a_date_of_the_row_itself_says_when_it_is_of() -> None:
    found = moments(["2026-11-21", "21.11.2026", None, "no date"], "%Y-%m-%d")
    assert found[0] == datetime(2026, 11, 21, tzinfo=UTC).timestamp()
    assert np.isnan(found[1:]).all()


def test_a_day_that_follows_the_clock_is_no_burst() -> None:
    """Every hour of two days in its order: between the blocks it differs, and all of that was so in training."""
    made, _ = office(960, range(24), 6)
    made["age"] = rows(960, 6)["age"] + np.where(np.arange(960) % 480 < 120, 20, 0)
    stamps = [f"2026-11-{21 + at // 480}T{at % 480 // 20:02d}:{at % 20 * 3:02d}:00Z" for at in range(960)]
    known_hours, unknown = (checked(stamped(made, stamps), one) for one in (of_days(), live()))
    effects = [next(one for one in found["features"] if one["name"] == "age") for found in (known_hours, unknown)]
    known, plain = (one["dependence"]["effect"] for one in effects)
    assert known < plain / 3
    assert known_hours["state"] == "stable"


def test_answers_in_bursts_make_an_estimate_less_sure_where_nothing_else_says_how_errors_hang_together() -> None:
    made = rows(1_000, 2)
    in_bursts = lines({name: values[np.argsort(made["positive"])] for name, values in made.items()})

    def width(order: list[str] | None) -> float:
        known_order = replace(live(), dependence={**live().dependence, "order": order})
        block = checked(in_bursts, known_order)["estimate"]["metrics"]["accuracy"]
        return float(block["difference_high"] - block["difference_low"])

    assert width(None) > 2 * width(["signed"])
