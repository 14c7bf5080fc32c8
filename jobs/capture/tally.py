"""The account of what was read: how much, what was left out and why, and every trouble with its first place.

All of it is sums, minima and maxima, so that tallies of any parts of the traffic add up to the same account in any
order; only "the first place" depends on the names of the files. Sentences are for a mail and hold no cell's content.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jobs.capture.codes import KINDS
from jobs.documents.window import Problem

EVALUATION, EARLIER, DRILL, TRAFFIC = "evaluation", "earlier-model", "drill", "other-traffic"


@dataclass(frozen=True, order=True)
class Place:
    """Where something was met first: a line counted from 1 in a file, and what there, without the user's data."""

    file: str
    line: int = 0
    detail: str = ""

    def __str__(self) -> str:
        place = f"{self.file} line {self.line:,}" if self.line else self.file
        return f"{place} ({self.detail})" if self.detail else place


@dataclass(frozen=True)
class Trouble:
    """How many records (or files) have one kind of trouble, and where the first of them is."""

    count: int
    first: Place

    def __add__(self, other: Trouble) -> Trouble:
        return Trouble(self.count + other.count, min(self.first, other.first))


@dataclass(frozen=True)
class Tally:
    """What was read; `a + b` is the account of both.

    `records` are all lines, `counted` those whose `rows` count; `left_out` records by reason; `unreadable` and
    `fractional` cells by column (a word where a number is due; a fraction); `first` and `last` inference time.
    """

    records: int = 0
    counted: int = 0
    rows: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    troubles: Mapping[str, Trouble] = field(default_factory=dict)
    unreadable: Mapping[str, int] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None

    def __add__(self, other: Tally) -> Tally:
        troubles = dict(self.troubles)
        for code, trouble in other.troubles.items():
            troubles[code] = troubles[code] + trouble if code in troubles else trouble
        return Tally(
            self.records + other.records,
            self.counted + other.counted,
            self.rows + other.rows,
            _summed(self.left_out, other.left_out),
            troubles,
            _summed(self.unreadable, other.unreadable),
            min((moment for moment in (self.first, other.first) if moment), default=None),
            max((moment for moment in (self.last, other.last) if moment), default=None),
        )

    @classmethod
    def of_trouble(cls, code: str, first: Place, count: int = 1, records: int = 0) -> Tally:
        """A tally of one kind of trouble only."""
        return cls(records=records, troubles={code: Trouble(count, first)})

    @property
    def unreadable_records(self) -> int:
        """Records that neither count nor were left out for a reason."""
        return self.records - self.counted - sum(self.left_out.values())

    @property
    def spoilt(self) -> bool:
        """Whether there was something to read and nothing of it could be."""
        troubled = any(not KINDS[code].usable for code in self.troubles)
        return troubled and not self.counted and not any(self.left_out.values())

    def problems(self) -> list[Problem]:
        """The "problems" of drift.json: code, number of records, sentence; in the order of `codes.KINDS`."""
        return [
            {"code": code, "records": self.troubles[code].count, "sentence": _sentence(code, self.troubles[code])}
            for code in KINDS
            if code in self.troubles
        ]


def _summed(mine: Mapping[str, int], theirs: Mapping[str, int]) -> dict[str, int]:
    return {key: mine.get(key, 0) + theirs.get(key, 0) for key in sorted({*mine, *theirs})}


def _sentence(code: str, trouble: Trouble) -> str:
    kind = KINDS[code]
    if trouble.count == 1:
        return f"1 {kind.unit} is {kind.what}: {trouble.first}. {kind.advice}"
    return f"{trouble.count:,} {kind.unit}s are {kind.what}, the first in {trouble.first}. {kind.advice}"
