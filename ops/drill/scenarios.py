"""What a drill plays: the held-out rows, changed in one known way, and what the monitor must find in them.

Pure: rows in, rows out, every choice from a seed. Rows are drawn *without* replacement as long as there are enough,
and never more than there are: a handful of rows repeated a thousand times is certain, to any test, to differ from the
training data. Rows that come again on purpose are a scenario of their own, where the check knows such rows.

The changes are large (a standard deviation, 20 and 30 %), because a drill asks whether the alarm rings, not how soft a
noise it hears: that is measured by the benchmark.
"""

from __future__ import annotations

import math
import random
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from ops.drill import silent
from ops.live import Column, HeldOut

SHIFT = 1.0
"""Standard deviations."""
NEW_SHARE = 0.2
MISSING_SHARE = 0.3
LABEL_SHARE = 0.9
MOST_OF_A_CLASS = 0.55
"""A class with a larger share than this would hardly become more frequent."""
MOST_MISSING = 0.5
"""A column with more missing values than this is not chosen: too little of it would be left to change."""
_SURELY_SEEN = 3.4
"""Kolmogorov's statistic that 19 of 20 samples pass the drift check's limit with."""
NO_NEWS = 0.15
"""A score of the training period's own blocks from which on a change of a drill may be no news: a new block must
exceed the furthest of them, and the changes here have a score of 0.3 to 0.4."""
NEW_WORD = "sagerelay-drill"
_VALUES = "distribution"
Row = silent.Row


class Size(NamedTuple):
    """How many rows a scenario has."""

    fewest: int
    most: int


class Scenario(StrEnum):
    """The kinds of traffic a drill sends."""

    STABLE = "stable"
    REPEATED = "repeated"
    SEASONAL = "seasonal"
    SHIFTED = "shifted-numeric"
    NEW_CATEGORY = "new-category"
    MISSING = "missing-values"
    LABEL_SHIFT = "label-shift"


SILENT = frozenset({Scenario.STABLE, Scenario.REPEATED, Scenario.SEASONAL})


class Answers(StrEnum):
    """Whether the drift of the model's answers is expected."""

    STAY = "stay"
    MAY_MOVE = "may move"
    MUST_MOVE = "must move"


@dataclass(frozen=True, slots=True)
class Plan:
    """A scenario made ready: the rows to send, without the target, and what must be found."""

    scenario: Scenario
    done: str
    """What was done to the rows, in a few words."""
    header: Row
    rows: tuple[Row, ...]
    named: frozenset[str]
    """Features that must be named."""
    others: bool
    """Whether others may be named too."""
    answers: Answers
    doubt: str | None = None
    """Why nothing may be found although all is right, or None where it must be."""

    @property
    def is_drift(self) -> bool:
        return self.scenario not in SILENT


@dataclass(frozen=True, slots=True)
class Skipped:
    """A scenario that this dataset cannot show, and why."""

    scenario: Scenario
    reason: str


def plan(scenario: Scenario, held_out: HeldOut, *, rows: int, fewest: int, seed: int) -> Plan | Skipped:
    """The scenario with at most `rows` of the held-out rows; `fewest`: what a check needs for a verdict."""
    chance = random.Random(f"{seed} {scenario}")  # a string: seeded alike on every Python
    if rows < fewest:
        return Skipped(scenario, f"a check needs {fewest:,} rows, and at most {rows:,} are asked for")
    if len(held_out.rows) < fewest:
        few = f"a check needs {fewest:,} rows, and the model has {len(held_out.rows):,} held-out rows"
        return Skipped(scenario, f"{few}; more data, or a smaller monitoring.min_rows, allows it")
    return _PLANS[scenario](held_out, Size(fewest, rows), chance)


def _stable(held_out: HeldOut, size: Size, chance: random.Random) -> Plan | Skipped:
    drawn = silent.Traffic(tuple(_draw(held_out.rows, size.most, chance)), "held-out rows as they are")
    return _no_news(held_out, Scenario.STABLE, drawn)


def _repeated(held_out: HeldOut, size: Size, chance: random.Random) -> Plan | Skipped:
    return _no_news(held_out, Scenario.REPEATED, silent.repeated(held_out, size.most, chance))


def _seasonal(held_out: HeldOut, size: Size, chance: random.Random) -> Plan | Skipped:
    return _no_news(held_out, Scenario.SEASONAL, silent.seasonal(held_out, size.fewest, size.most, chance))


def _no_news(held_out: HeldOut, scenario: Scenario, traffic: silent.Traffic | str) -> Plan | Skipped:
    if held_out.unlike_training:
        return Skipped(scenario, f"{held_out.unlike_training}, so they are no {scenario} traffic")
    if isinstance(traffic, str):
        return Skipped(scenario, traffic)
    return _ready(held_out, scenario, traffic.rows, traffic.done, None, Answers.STAY)


def _shifted(held_out: HeldOut, size: Size, chance: random.Random) -> Plan | Skipped:
    column = _choose(held_out, lambda one, values: one.kind == "numeric" and len(set(map(_number, values))) > 1)
    if column is None:
        return Skipped(Scenario.SHIFTED, "no numeric column is used, or none that varies")
    values = [number for row in held_out.rows if (number := _number(row[held_out.place(column.name)])) is not None]
    by = SHIFT * statistics.pstdev(values)
    by = float(math.ceil(by)) if column.integer else by

    def move(cell: str) -> str:
        number = _number(cell)
        return cell if number is None else _text(number + by, integer=column.integer)

    drawn = _change(_draw(held_out.rows, size.most, chance), held_out.place(column.name), move)
    done = f"{column.name} + {by:.4g} (one standard deviation)"
    return _unless_known(held_out, _ready(held_out, Scenario.SHIFTED, drawn, done, column, Answers.MAY_MOVE), _VALUES)


def _new_category(held_out: HeldOut, size: Size, chance: random.Random) -> Plan | Skipped:
    column = _choose(held_out, lambda one, _values: one.kind == "categorical")
    if column is None:
        return Skipped(Scenario.NEW_CATEGORY, "no categorical column is used")
    word = NEW_WORD
    while word in column.categories:
        word += "-again"

    def rename(cell: str) -> str:
        return word if cell and chance.random() < NEW_SHARE else cell

    drawn = _change(_draw(held_out.rows, size.most, chance), held_out.place(column.name), rename)
    done = f'{column.name} is "{word}" in {NEW_SHARE:.0%}'
    ready = _ready(held_out, Scenario.NEW_CATEGORY, drawn, done, column, Answers.MAY_MOVE)
    return _unless_known(held_out, ready, "unseen")


def _missing(held_out: HeldOut, size: Size, chance: random.Random) -> Plan | Skipped:
    column = _choose(held_out, lambda _one, _values: True)
    if column is None:
        return Skipped(Scenario.MISSING, "every column that is used is mostly missing already")

    def blank(cell: str) -> str:
        return "" if chance.random() < MISSING_SHARE else cell

    drawn = _change(_draw(held_out.rows, size.most, chance), held_out.place(column.name), blank)
    done = f"{column.name} is empty in {MISSING_SHARE:.0%} more"
    ready = _ready(held_out, Scenario.MISSING, drawn, done, column, Answers.MAY_MOVE)
    return _unless_known(held_out, ready, "missing")


def _unless_known(held_out: HeldOut, ready: Plan, aspect: str) -> Plan:
    """With a doubt where the training period went through as much itself."""
    if all(held_out.reached.get(name, {}).get(aspect, 0.0) < NO_NEWS for name in ready.named):
        return ready
    return replace(ready, doubt="consecutive training rows differ from all others by as much: it may be no news")


def _label_shift(held_out: HeldOut, size: Size, chance: random.Random) -> Plan | Skipped:
    place = held_out.place(held_out.target)
    if held_out.weak:
        return Skipped(Scenario.LABEL_SHIFT, f"{held_out.weak}, so its answers stay where they are")
    if held_out.task == "regression":
        ordered = sorted(held_out.rows, key=lambda row: _number(row[place]) or 0.0)
        upper = ordered[len(ordered) // 2 :]
        drawn = _draw_enough(upper, min(size.most, max(len(upper), size.fewest)), chance)
        done = f"only rows of the upper half of {held_out.target}"
        return _ready_to_move(held_out, drawn, done, moved=0.5)
    counts = Counter(row[place] for row in held_out.rows)
    rare = [label for label, count in counts.most_common() if count <= MOST_OF_A_CLASS * len(held_out.rows)]
    if not rare:
        return Skipped(Scenario.LABEL_SHIFT, "nearly all held-out rows are of one class")
    label = rare[0]
    inside = [row for row in held_out.rows if row[place] == label]
    outside = [row for row in held_out.rows if row[place] != label]
    once = int(min(len(inside) / LABEL_SHARE, len(outside) / (1 - LABEL_SHARE)))
    count = min(size.most, max(size.fewest, once))
    drawn = _draw_enough(inside, round(count * LABEL_SHARE), chance)
    drawn += _draw_enough(outside, count - len(drawn), chance)
    chance.shuffle(drawn)
    done = f"{LABEL_SHARE:.0%} of the rows are {held_out.target}={label}"
    return _ready_to_move(held_out, drawn, done, moved=LABEL_SHARE - len(inside) / len(held_out.rows))


def _ready_to_move(held_out: HeldOut, drawn: Sequence[Row], done: str, *, moved: float) -> Plan:
    """The answers must move, unless the model separates too little for so few rows; `moved`: the share of rows that
    changed sides."""
    ready = _ready(held_out, Scenario.LABEL_SHIFT, drawn, done, None, Answers.MUST_MOVE)
    usual = [by_aspect.get(_VALUES, 0.0) for by_aspect in held_out.reached.values()]
    if usual and statistics.median(usual) >= NO_NEWS:  # what a check holds the answers against
        doubt = "consecutive training rows differ from all others by as much: it may be no news"
        return replace(ready, answers=Answers.MAY_MOVE, doubt=doubt)
    if held_out.separation is None or math.sqrt(len(drawn)) * moved * held_out.separation >= _SURELY_SEEN:
        return ready
    doubt = f"the model separates too little for {len(drawn):,} rows to show it surely"
    return replace(ready, answers=Answers.MAY_MOVE, doubt=doubt)


_PLANS: dict[Scenario, Callable[[HeldOut, Size, random.Random], Plan | Skipped]] = {
    Scenario.STABLE: _stable,
    Scenario.REPEATED: _repeated,
    Scenario.SEASONAL: _seasonal,
    Scenario.SHIFTED: _shifted,
    Scenario.NEW_CATEGORY: _new_category,
    Scenario.MISSING: _missing,
    Scenario.LABEL_SHIFT: _label_shift,
}


def _ready(
    held_out: HeldOut, scenario: Scenario, rows: Sequence[Row], done: str, column: Column | None, answers: Answers
) -> Plan:
    place = held_out.place(held_out.target)
    return Plan(
        scenario=scenario,
        done=done,
        header=tuple(one.name for one in held_out.columns if one.name != held_out.target),
        rows=tuple((*row[:place], *row[place + 1 :]) for row in rows),
        named=frozenset({column.name}) if column else frozenset(),
        others=scenario is Scenario.LABEL_SHIFT or held_out.unlike_training is not None,
        answers=answers,
    )


def _choose(held_out: HeldOut, fits: Callable[[Column, list[str]], bool]) -> Column | None:
    """The column that matters most to the model among those that fit; ties in the file's order."""
    fitting = []
    for place, column in enumerate(held_out.columns):
        if not column.used or column.name == held_out.target:
            continue
        present = [row[place] for row in held_out.rows if row[place]]
        if len(present) >= (1 - MOST_MISSING) * len(held_out.rows) and present and fits(column, present):
            fitting.append(column)
    return max(fitting, key=lambda column: held_out.importance.get(column.name, 0.0), default=None)


def _draw(rows: Sequence[Row], most: int, chance: random.Random) -> list[Row]:
    return chance.sample(rows, min(most, len(rows)))


def _draw_enough(rows: Sequence[Row], wanted: int, chance: random.Random) -> list[Row]:
    """So many rows; some of them again only where there are not enough."""
    return chance.sample(rows, wanted) if wanted <= len(rows) else chance.choices(rows, k=wanted)


def _change(rows: Sequence[Row], place: int, change: Callable[[str], str]) -> list[Row]:
    return [(*row[:place], change(row[place]), *row[place + 1 :]) for row in rows]


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _text(number: float, *, integer: bool) -> str:
    return str(round(number)) if integer else repr(number)
