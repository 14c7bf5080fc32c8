"""Which checks are drawn: the squares of the tables in docs/drift.md, as data."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.made_up.checks import Cell
from benchmarks.made_up.families import CATEGORICAL, EVERYDAY, FAMILIES, MIXED, NUMERIC, Change

WINDOWS = {100: 200, 300: 200, 1_000: 200, 10_000: 200, 100_000: 60, 1_000_000: 16}
BASELINES = (1_000, 10_000, 100_000)
CHECKS_OF_A_FAMILY = {100: 60, 1_000: 60, 10_000: 30}
CHECKS_OF_A_CHANGE = 60

TITLES = {
    "quiet": "Checks without drift that raise anything, all families mixed, by rows of the baseline",
    "quiet_families": "Checks without drift that raise anything, 20 features of one family, baseline of 10,000 rows",
    "found": "Checks that name exactly the feature that changed, 1,000 rows against a baseline of 10,000",
    "found_later": "Checks of 10,000 rows that name exactly the feature that moved by 0.25 standard deviations",
    "harmless": "Checks of a million rows that raise anything although the change is too small to matter",
}
SIDE_BY_SIDE = (
    "Beside the known tools, everyday table, baseline of 10,000 rows: `quiet` rows say how many checks raised anything "
    "without drift, the others how many named exactly the changed feature"
)


@dataclass(frozen=True)
class Square:
    """One cell and where it stands. `wanted`: to be found and named; otherwise raising anything is the mistake."""

    row: str
    column: str
    cell: Cell
    wanted: bool = False


def _quiet() -> Iterator[Square]:
    for rows, checks in WINDOWS.items():
        for baseline in BASELINES:
            fewer = checks // 2 if baseline == max(BASELINES) else checks
            yield Square(f"{rows:,} rows", f"{baseline:,}", Cell("mixed", baseline, rows, fewer))


def _quiet_families() -> Iterator[Square]:
    for family in FAMILIES:
        for rows, checks in CHECKS_OF_A_FAMILY.items():
            if family not in {"mixed", "everyday"}:
                yield Square(family.replace("_", " "), f"{rows:,} rows", Cell(family, 10_000, rows, checks))


_PLACES = {feature.name: place for place, feature in enumerate(MIXED)}
_CHANGES: dict[str, tuple[Change, tuple[str, ...]]] = {
    "+0.5 sd": (Change(shift=0.5), tuple(draw.__name__ for draw in NUMERIC)),
    # a count's rate times 1.3 and a clipped grade's spread are smaller changes than the promise speaks of
    "scale x 1.3": (
        Change(scale=1.3),
        tuple(draw.__name__ for draw in NUMERIC if draw.__name__ not in {"zero_inflated", "few_numbers"}),
    ),
    "x e^0.25": (Change(times=1.2840254), ("log_normal",)),
    "share +10 points": (Change(share=0.10), tuple(CATEGORICAL)),
    "new category 2 %": (Change(new=0.02), tuple(CATEGORICAL)),
    "missing +5 points": (Change(missing=0.05), ("normal", "log_normal", "four")),
}


def _found() -> Iterator[Square]:
    for column, (change, names) in _CHANGES.items():
        for name in names:
            cell = Cell("mixed", 10_000, 1_000, CHECKS_OF_A_CHANGE, changed=_PLACES[name], change=change, seed=2)
            yield Square(name.replace("_", " "), column, cell, wanted=True)


def _found_later() -> Iterator[Square]:
    for draw in NUMERIC:
        name = draw.__name__
        change = Change(shift=0.25)
        cell = Cell("mixed", 10_000, 10_000, 30, changed=_PLACES[name], change=change, seed=3)
        yield Square(name.replace("_", " "), "+0.25 sd", cell, wanted=True)


def _harmless() -> Iterator[Square]:
    for shift in (0.01, 0.02):
        for name in ("normal", "gamma", "whole_numbers"):
            cell = Cell("mixed", 100_000, 1_000_000, 10, changed=_PLACES[name], change=Change(shift=shift), seed=4)
            yield Square(name.replace("_", " "), f"+{shift:g} sd", cell)


_SIDE_BASELINE = 10_000


def side_by_side(tool: str) -> list[Square]:
    """The squares every tool gets; the slow ones as many checks as fit some seconds, at least one."""
    seconds = {"ours": 60.0, "scipy": 8.0, "nannyml": 8.0, "evidently": 15.0}[tool]
    places = {feature.name: place for place, feature in enumerate(EVERYDAY)}
    quiet = [(f"quiet, {rows:,} rows", rows, None, Change()) for rows in WINDOWS if rows != 300]
    changed = [
        ("+0.5 sd, 1,000 rows", 1_000, "normal_0", Change(shift=0.5)),
        ("log-normal x e^0.25, 1,000 rows", 1_000, "log_normal_0", Change(times=1.2840254)),
        ("scale x 1.3, 1,000 rows", 1_000, "normal_0", Change(scale=1.3)),
        ("share +10 points, 1,000 rows", 1_000, "four_0", Change(share=0.1)),
        ("new category 2 %, 1,000 rows", 1_000, "four_0", Change(new=0.02)),
        ("+0.25 sd, 10,000 rows", 10_000, "normal_0", Change(shift=0.25)),
        ("harmless: +0.02 sd, 1,000,000 rows", 1_000_000, "normal_0", Change(shift=0.02)),
    ]
    squares = []
    for row, rows, name, change in quiet + changed:
        if tool == "nannyml" and 2 * rows > _SIDE_BASELINE:
            continue  # its thresholds come from the spread of several chunks of the window's size
        place = None if name is None else places[name]
        checks = 200 if rows <= 10_000 else 20_000_000 // rows // 2
        cell = Cell("everyday", _SIDE_BASELINE, rows, checks, seconds, place, change, seed=5)
        squares.append(Square(row, tool, cell, wanted=name is not None and not row.startswith("harmless")))
    return squares


OURS: dict[str, list[Square]] = {
    "quiet": list(_quiet()),
    "harmless": list(_harmless()),
    "side_by_side": side_by_side("ours"),
    "found_later": list(_found_later()),
    "found": list(_found()),
    "quiet_families": list(_quiet_families()),
}
