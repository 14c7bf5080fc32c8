"""Saying what is wrong: refusals to raise and warnings to keep, both checked against the table of codes.

Where and what come from the caller, who has the figures; what to do comes from the table.
"""

from __future__ import annotations

from collections import defaultdict

from jobs.refusals import Refusal, Warned, printable
from jobs.tables.codes import CODES, Outcome

SHOWN_PER_CODE = 10


def refusal(code: str, sentence: str) -> Refusal:
    """The refusal to raise: `sentence` (where and what, ended by its full stop) and what to do, from the table."""
    row = CODES[code]
    if row.outcome is not Outcome.REFUSED:
        raise KeyError(f"{code} is not a reason to refuse")
    return Refusal(code, f"{sentence} {row.do}")


class Notes:
    """What is to be told about a file that is read all the same. Printed as it happens, kept for the schema."""

    def __init__(self) -> None:
        self._warnings: list[Warned] = []

    def warn(
        self,
        code: str,
        sentence: str,
        *,
        file: str | None = None,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        known = CODES[code]
        if known.outcome is not Outcome.WARNED:
            raise KeyError(f"{code} is not a warning")
        warned = Warned(code, printable(f"{sentence} {known.do}".strip()), file, row, column, known.first)
        if warned not in self._warnings:
            self._warnings.append(warned)

    def withdraw(self, code: str, column: str) -> None:
        """Take back what was told of a column and is not so, now that more is known."""
        self._warnings = [told for told in self._warnings if (told.code, told.column) != (code, column)]

    def add(self, others: Notes) -> None:
        """Take over what others noted, in their order."""
        self._warnings += others._warnings

    @property
    def warnings(self) -> list[Warned]:
        """At most ten of each code, and then how many more: a mail is read by a person."""
        by_code: dict[str, list[Warned]] = defaultdict(list)
        for warned in self._warnings:
            by_code[warned.code].append(warned)
        kept: list[Warned] = []
        for code, all_of_it in by_code.items():
            kept += all_of_it[:SHOWN_PER_CODE]
            more = len(all_of_it) - SHOWN_PER_CODE
            if more > 0:
                further = f"The same holds for {more:,} further columns or files."
                kept.append(Warned(code, further, first=CODES[code].first))
        return kept
