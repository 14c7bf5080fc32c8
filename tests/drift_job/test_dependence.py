"""From records to the rule that dependent rows are judged by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import numpy as np
import pytest

from jobs.capture import cut
from jobs.drift.check import check
from jobs.drift.traffic import count
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
    return [
        line.replace(b"2026-11-21T10:00:00Z", stamp.encode()) for line, stamp in zip(records(made), stamps, strict=True)
    ]


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
