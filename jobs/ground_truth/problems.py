"""What could not be used, counted by code with its first place: nothing is dropped silently, nothing here is fatal.

The codes and the advice are the table of `jobs/tables/codes.py`, which docs/input.md is made from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jobs.documents.window import Problem
from jobs.refusals import Refusal, Warned
from jobs.tables.codes import CODES, Outcome

_PHRASES = {
    "no-id": "without an id",
    "empty-label": "without a value",
    "unknown-class": "naming no class of the live model",
    "not-a-number": "that should be a number and is none",
    "ragged-label": "in a row with too many or too few cells",
    "broken-line": "in a line that is no whole JSON object",
    "foreign-line": "in a line that is no ground truth record",
    "unknown-id": "whose id no captured request of this check has",
    "duplicate-label": "saying once more what another says of the same id (counted once)",
    "conflicting-labels": "that contradict another of the same id",
    "ambiguous-id": "whose id several captured requests have",
    "no-answer": "whose request was captured without an answer that can be read (in no metric)",
}


@dataclass
class _Counted:
    labels: int
    first: str


class Problems:
    """A tally by code, in the order of their first appearance."""

    def __init__(self) -> None:
        self._counted: dict[str, _Counted] = {}
        self._told: list[Problem] = []

    def count(self, code: str, labels: int, first: str) -> None:
        """`labels` more with this problem; `first` says where, kept of the first call."""
        if code not in _PHRASES or CODES[code].outcome is not Outcome.COUNTED:
            raise KeyError(f"{code} is not counted by label")
        if labels:
            self._counted.setdefault(code, _Counted(0, first)).labels += labels

    def file(self, refusal: Refusal) -> None:
        """A whole file that could not be read, in the words of the refusal."""
        self._told.append({"code": refusal.code, "labels": 0, "sentence": refusal.sentence})

    def warned(self, warnings: Iterable[Warned]) -> None:
        """What was read with a doubt that matters for labels, and what makes their figures uncertain."""
        told = {"ambiguous-numbers", "encoding-guessed", "few-rows-decide", "infinite-values", "values-near-zero"}
        self._told += [
            {"code": one.code, "labels": 0, "sentence": one.sentence} for one in warnings if one.code in told
        ]

    def traffic(self, problems: Iterable[Problem]) -> None:
        """Captured records that could not be read, as the reader of the capture tells them."""
        self._told += [{"labels": 0, **problem} for problem in problems]

    def of(self, *codes: str) -> int:
        """How many labels had one of these problems."""
        return sum(self._counted[code].labels for code in codes if code in self._counted)

    def to_json(self) -> list[Problem]:
        """The `problems` of quality.json: labels first, most frequent first."""
        ranked = sorted(self._counted.items(), key=lambda item: -item[1].labels)
        return [_problem(code, found) for code, found in ranked] + self._told


def _problem(code: str, found: _Counted) -> Problem:
    noun = "label" if found.labels == 1 else "labels"
    where = "it is" if found.labels == 1 else "the first is"
    sentence = f"{found.labels:,} {noun} {_PHRASES[code]}; {where} in {found.first}. {CODES[code].do}"
    return {"code": code, "labels": found.labels, "sentence": sentence.strip()}
