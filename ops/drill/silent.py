"""Traffic that is no news, whatever it looks like: rows that come again, and rows of a few hours only.

Pure, every choice from a seed. What the live model's baseline does not know, a check cannot tell from news: such
traffic is not made, and the reason is given instead.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ops.baselines import Clock
from ops.live import HeldOut

TIMES = 5
"""How often each row comes."""
TOLD_BY = 2
"""Columns of many values that it takes to recognise a row that came again: no column is evidence about itself."""
KNOWN = 30
"""Training rows from which on the check knows an hour or a weekday."""
MOST_OF_ALL = 0.5
"""With more of the training rows than this, some hours are no season."""
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Traffic:
    """The rows, the target among them, and what they are in a few words."""

    rows: tuple[Row, ...]
    done: str


class _Dial(NamedTuple):
    """A unit of the clock: how many of its steps are taken, and which of them a moment is."""

    name: str
    steps: tuple[int, ...]
    width: int
    of: Callable[[datetime], int]


def repeated(held_out: HeldOut, most: int, chance: random.Random) -> Traffic | str:
    """At most `most` rows, each five times: half of them at once, as a client does that tries again, and the others
    at any time. Else why not."""
    if held_out.many_valued is None:
        return "the model's baseline is of an earlier version, for which rows that come again are news; train anew"
    if len(held_out.many_valued) < TOLD_BY:
        return "too few columns hold many different numbers to tell rows that came again from others that are alike"
    drawn = chance.sample(held_out.rows, min(-(-most // TIMES), len(held_out.rows)))
    half = (len(drawn) + 1) // 2
    at_once = [row for row in drawn[:half] for _ in range(TIMES)]
    later = drawn[half:] * TIMES
    chance.shuffle(later)
    return Traffic(tuple([*at_once, *later][:most]), f"each row {TIMES} times, half of them at once, half shuffled")


def seasonal(held_out: HeldOut, fewest: int, most: int, chance: random.Random) -> Traffic | str:
    """Rows of six hours of the day only, or of two days of the week where there are no hours. Else why not."""
    known = held_out.clock
    if known is None:
        return "no hours and weekdays of the training rows are known (rows in order of a column of dates)"
    if not any(column.name == known.column and column.used for column in held_out.columns):
        return f"{known.column}, which says when a row is of, is not used: a row's time is that of its request"
    dial = _dial(known)
    place = held_out.place(known.column)
    by_step: dict[int, list[Row]] = {}
    for row in held_out.rows:
        if (moment := known.moment(row[place])) is not None:
            by_step.setdefault(dial.of(moment), []).append(row)
    spans = [[(first + step) % len(dial.steps) for step in range(dial.width)] for first in range(len(dial.steps))]
    chance.shuffle(spans)
    for span in spans:
        rows = [row for step in span for row in by_step.get(step, ())]
        if len(rows) >= fewest and _is_season(dial.steps, [step for step in span if by_step.get(step)]):
            drawn = chance.sample(rows, min(most, len(rows)))
            done = f"only rows of the {dial.name} {span[0]} to {span[-1]} by {known.column}, as they are"
            return Traffic(tuple(drawn), done)
    return f"no {dial.width} {dial.name} in a row have {fewest:,} held-out rows and no more than half of the training's"


def _dial(known: Clock) -> _Dial:
    if sum(rows > 0 for rows in known.hours) > 1:
        return _Dial("hours", known.hours, 6, lambda moment: moment.hour)
    return _Dial("weekdays", known.weekdays, 2, lambda moment: moment.weekday())


def _is_season(steps: Sequence[int], taken: Sequence[int]) -> bool:
    """Whether the training rows at these steps are known, and not most of all there are."""
    return all(steps[step] >= KNOWN for step in taken) and sum(steps[step] for step in taken) <= MOST_OF_ALL * sum(
        steps
    )
