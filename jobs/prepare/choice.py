"""Which column is the target: as set, as in the live model, by a usual name, or else the last one that could be it.

What is certainly no target is not assumed to be one: an index, an identifier, a date, free text, a one-hot column. One
that is empty or holds one value is: it may be an export gone wrong, and is refused as such. A guess is told among the
mail's first lines, with the setting that ends it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt

from jobs.prepare.amounts import CLASSES_AT_MOST
from jobs.prepare.date_names import is_part_of_date, is_time_stamp
from jobs.prepare.identifiers import is_index_name, is_key_name
from jobs.prepare.kinds import typed
from jobs.prepare.truths import FALSE_WORDS, TRUE_WORDS
from jobs.refusals import listed, shown
from jobs.tables.notes import Notes, refusal
from jobs.tables.table import Series, Table
from jobs.tables.words import among

KNOWN_NAMES = ("target", "label", "class", "y")
TYPICAL_NAMES = frozenset(
    {
        *("survived", "churn", "churned", "exited", "attrition", "outcome", "diagnosis", "species", "fraud", "isfraud"),
        *("readmitted", "saleprice", "medv", "medianhousevalue", "defaultpaymentnextmonth", "ischurn", "haschurned"),
    }
)
"""Without blanks and signs, in lower case: names that are hardly ever those of something known beforehand."""
_SEPARATOR = re.compile(r"[_.=\-: ]+")
_CHANCE = 5
_WHY = {
    "identifier": "names or numbers the rows",
    "date": "is a date",
    "text": "is free text",
}

WhyNot = Callable[[str], str | None]
Floats = npt.NDArray[np.float64]


def find_target(
    names: Sequence[str],
    wanted: str | None,
    file: str,
    notes: Notes,
    ignored: Collection[str] = (),
    *,
    live: str | None = None,
    why_not: WhyNot = lambda _: None,
) -> str:
    """The target's name; never an ignored column. `why_not` says why a column is no target, None where it may be."""
    if wanted is not None and wanted in ignored:
        raise refusal("no-target", f"relay.yaml names {shown(wanted)} both as target and under ignore.")
    names = [name for name in names if name not in ignored]
    if not names:
        raise refusal("no-target", f"{file}: relay.yaml names every column under ignore.")
    if wanted is not None:
        return _wanted(names, wanted, file)
    if live in names:
        _tell(str(live), "as for the live model", notes)
        return str(live)
    by_name = {name.strip().lower(): name for name in reversed(names)}
    known = next((by_name[name] for name in KNOWN_NAMES if name in by_name), None)
    if known is not None:
        return known
    typical = (name for name in reversed(names) if _SEPARATOR.sub("", name).lower() in TYPICAL_NAMES)
    chosen = next((name for name in typical if why_not(name) is None), None)
    if chosen is not None:
        _tell(chosen, "by its name", notes)
        return chosen
    return _last(names, file, notes, why_not)


def _wanted(names: Sequence[str], wanted: str, file: str) -> str:
    if wanted in names:
        return wanted
    hint = did_you_mean(names, wanted)
    raise refusal("no-target", f"{file}: there is no column {shown(wanted)}, which relay.yaml names as target.{hint}")


def did_you_mean(names: Sequence[str], wanted: str) -> str:
    """A sentence to end with: the name that was probably meant, or which there are.

    >>> did_you_mean(["id", "Churned"], "CHURNED"), did_you_mean(["a", "b"], "target")
    (' Did you mean "Churned"?', ' It has "a", "b".')
    """
    by_letters = {name.casefold(): name for name in reversed(names)}
    near = get_close_matches(wanted.casefold(), by_letters, 1)
    return f" Did you mean {shown(by_letters[near[0]])}?" if near else f" It has {listed(names)}."


def _last(names: Sequence[str], file: str, notes: Notes, why_not: WhyNot) -> str:
    passed: list[str] = []
    for name in reversed(names):
        why = why_not(name)
        if why is None:
            which = "the last column" if not passed else "the last column that could be it"
            _tell(name, which + (f", since {_reasons(passed)}" if passed else ""), notes)
            return name
        passed.append(f"{shown(name)} {why}")
    raise refusal("target-unclear", f"{file}: no target is set, and no column could be it: {_reasons(passed)}.")


def _reasons(passed: Sequence[str]) -> str:
    return ", ".join(passed[:3]) + (f" and {len(passed) - 3:,} more" if len(passed) > 3 else "")


def _tell(name: str, why: str, notes: Notes) -> None:
    notes.warn("target-assumed", f"No target is set: {shown(name)} was taken, {why}.", column=name)


class NoTarget:
    """Why a column is not to be assumed to be the target: asked by name, None where it may be."""

    def __init__(self, table: Table, kinds: Mapping[str, str]) -> None:
        self._table, self._kinds = table, kinds
        self._one_hot = set[str]()

    def __call__(self, name: str) -> str | None:
        series = self._table.series[name]
        if series.unusable:
            return f"holds {series.unusable}"
        if is_index_name(name) or is_key_name(name):
            return _WHY["identifier"]
        column = typed(series, self._table, self._kinds.get(name), Notes())
        if column.moments is not None or (column.numbers is not None and self._says_when(name, column.numbers)):
            return _WHY["date"]
        if column.kind in _WHY:
            return _WHY[column.kind]
        if column.kind == "categorical" and column.distinct > CLASSES_AT_MOST:
            return f"has {column.distinct:,} different words"
        return "is one of several that stand for one category" if self._is_one_hot(name) else None

    def _says_when(self, name: str, numbers: Floats) -> bool:
        return is_part_of_date(name, self._table.series) or is_time_stamp(name, numbers)

    def _is_one_hot(self, name: str) -> bool:
        """Whether the column is one of a group, like color_red and color_blue, of which each row has one at most."""
        own = _truths(self._table.series[name]) if name not in self._one_hot else None
        if own is None:
            return name in self._one_hot
        for separator in reversed(list(_SEPARATOR.finditer(name))):
            stem = name[: separator.end()]
            alike = {other: _truths(series) for other, series in self._table.series.items() if other.startswith(stem)}
            group = {other: truths for other, truths in alike.items() if truths is not None}
            if len(group) > 1 and _exclude_each_other(list(group.values())):
                self._one_hot.update(group)
                return True
        return False


def _exclude_each_other(group: Sequence[Floats]) -> bool:
    """Whether no row has two, and not by chance: always one, or two would be expected in some rows."""
    total = np.sum(group, axis=0)
    if total.max(initial=0) > 1:
        return False
    shares = np.array([column.mean() for column in group])
    expected = len(total) * (shares.sum() ** 2 - (shares**2).sum()) / 2
    return bool(total.min(initial=1) == 1 or expected >= _CHANCE)


def _truths(series: Series) -> Floats | None:
    """1 for yes and 0 for no (and for nothing), of a column that holds only these."""
    if series.numbers is not None:
        numbers = np.nan_to_num(series.numbers)
        return numbers if not series.strays and bool(np.isin(numbers, (0, 1)).all()) else None
    words = series.as_words()
    true, used = among(words.words, TRUE_WORDS), words.counts > 0
    if words.distinct > 2 or not (true | among(words.words, FALSE_WORDS) | ~used).all():
        return None
    return np.append(true, False)[words.codes].astype(np.float64)
