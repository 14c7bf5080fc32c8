"""How many mails come of drift that wavers: made-up series of checks, over two years, told by the monitor's own rule.

Beside them stands how many there would be if every change of a check's verdict were told. Seeded; a second or two.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from benchmarks.mailed import Looked, mails

Generator = np.random.Generator
Verdicts = Any
"""(checks,): whether each finds drift."""
BEGAN, YEARS, SERIES = datetime(2026, 1, 1, tzinfo=UTC), 2, 10
DAYS = {"daily": 1, "weekly": 7}


def at_random(share: float) -> Callable[[Generator, int, int], Verdicts]:
    return lambda generator, checks, _: generator.random(checks) < share


def about_the_limit(generator: Generator, checks: int, days: int) -> Verdicts:
    """Something that drifts off and comes back over weeks: AR(1) in days, .95."""
    level, found = 0.0, np.empty(checks * days)
    for day, noise in enumerate(generator.normal(size=len(found))):
        level = 0.95 * level + noise
        found[day] = level
    return found[::days] > 0


def every_other_quarter(_: Generator, checks: int, days: int) -> Verdicts:
    return (np.arange(checks) * days // 91) % 2 == 1


FAMILIES: Mapping[str, Callable[[Generator, int, int], Verdicts]] = {
    "no drift, one check in a hundred is wrong": at_random(0.01),
    "drift in one check of ten": at_random(0.1),
    "in three of ten": at_random(0.3),
    "in every other one": at_random(0.5),
    "in nine of ten": at_random(0.9),
    "about its limit, for weeks above and below": about_the_limit,
    "every other quarter": every_other_quarter,
    "all the time": at_random(1.0),
}


def measure() -> dict[str, Any]:
    """By pace and family the mails a year, and those that tell every change. Prints the table."""
    figures: dict[str, Any] = {}
    print("| | " + " | ".join(f"{pace} checks: mails a year | if each change were told" for pace in DAYS) + " |")
    print("|---|" + "---|---|" * len(DAYS))
    for name, family in FAMILIES.items():
        cells = []
        for pace, days in DAYS.items():
            told, changes = counted(family, days)
            figures.setdefault(pace, {})[name] = {"mails_a_year": told, "changes_a_year": changes}
            cells += [f"{told:.1f}", f"{changes:.1f}"]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    return figures


def counted(family: Callable[[Generator, int, int], Verdicts], days: int) -> tuple[float, float]:
    """Mails and changes of the verdict a year, on average of some series."""
    checks, told, changes = YEARS * 365 // days, 0, 0
    for seed in range(SERIES):
        found = family(np.random.default_rng(seed), checks, days)
        series = [
            Looked(BEGAN + timedelta(days=place * days), ("a",) if drifted else (), "none")
            for place, drifted in enumerate(found)
        ]
        told += sum(map(bool, mails(series)))
        changes += int(found[0]) + int((found[1:] != found[:-1]).sum())
    return told / (SERIES * YEARS), changes / (SERIES * YEARS)


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
