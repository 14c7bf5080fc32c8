"""How the numbers of one file are written: which sign divides decimals, what is told of it, and what stays in doubt.

A file is judged as a whole, since people set their decimal mark once. What stays open is read as the file's delimiter
suggests (the semicolon is used where the comma divides decimals) and always told. Two conventions in one column leave
its numbers in doubt, unless one of them is a slip: then those cells are none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.encoding.mask import mask
from jobs.refusals import listed, shown
from jobs.tables.grid import Grid
from jobs.tables.notes import Notes
from jobs.tables.numbers import share_shaped, units_of
from jobs.tables.parts import Column, Doubt
from jobs.tables.words import MAYBE_MISSING, Words, among, matching

CONVENTION_SHARE = 0.9
_CURRENCY_WORDS = ("zł", "kr", "kr.")
STRAY_SHARE = 0.01
"""The share of cells that may be unreadable in a column of numbers or dates: a slip of the hand, not another kind."""
GROUPED = r"^[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})+$"


def sure(words: Words) -> Words:
    """The words without those that may mean "nothing here"."""
    return words.without(among(words.words, MAYBE_MISSING))


def file_decimal(columns: Sequence[Column]) -> str | None:
    """What the columns that look like numbers show together; None where they show nothing or both."""
    comma = point = 0
    for column in columns:
        if column.evidence is not None and column.taken is not None and column.words is not None:
            if share_shaped(column.taken, sure(column.words)) >= CONVENTION_SHARE:
                seen = [int(column.words.counts[kind].sum()) for kind in (column.evidence.comma, column.evidence.point)]
                comma += seen[0] > seen[1]
                point += seen[1] > seen[0]
        elif column.text is not None and column.text.num_chunks:
            point += bool(matching(column.text.chunk(0).slice(0, 1000), r"[.](?:[0-9]{1,2}|[0-9]{4,})$").any())
    if comma:
        return ","
    return "." if point else None


def may_be_thousands(text: pa.ChunkedArray, mark: str | None, delimiter: str) -> bool:
    """Whether plain numbers may be thousands after all: 1.234 where commas divide decimals, or where nothing says that
    they do not. `delimiter` is "" for Parquet, whose numbers are no text."""
    if not delimiter or mark == ".":
        return False
    pointed = text.filter(pc.match_substring(text, "."))
    if not len(pointed) or not pc.all(pc.match_substring_regex(pointed, GROUPED)).as_py():
        return False
    return mark == "," or delimiter == ";" or len(pointed) < len(text) - text.null_count


def both_marks(column: Column, grid: Grid, file: str) -> Doubt | None:
    """The doubt of a column of numbers with decimal commas and decimal points, where neither is a slip."""
    words, evidence, taken = column.words, column.evidence, column.taken
    assert words is not None and evidence is not None and taken is not None  # noqa: S101, PT018
    fewer = min(int(words.counts[kind].sum()) for kind in (evidence.comma, evidence.point))
    if not fewer or fewer <= slips(words.present):
        return None
    rows = sorted(grid.row(words.first_of(kind)) for kind in (evidence.comma, evidence.point))
    where = f"{file}: column {shown(column.name)}"
    sentence = f"{where} has decimal commas and decimal points (rows {rows[0]:,} and {rows[1]:,})"
    return Doubt("mixed-numbers", sentence, file, rows[0])


def slips(cells: int) -> float:
    """How many of so many cells may be a slip of the hand."""
    return max(1, STRAY_SHARE * cells)


def column_decimal(column: Column, grid: Grid, file: str, mark: str | None, delimiter: str, notes: Notes) -> str:
    words, evidence, taken = column.words, column.evidence, column.taken
    assert words is not None and evidence is not None and taken is not None  # noqa: S101, PT018
    comma, point = bool(evidence.comma.any()), bool(evidence.point.any())
    if comma and point:  # one of them is a slip
        return "," if words.counts[evidence.comma].sum() > words.counts[evidence.point].sum() else "."
    if comma or point:
        return "," if comma else "."
    if mark is not None:
        return mark
    unclear = evidence.unclear | evidence.unclear_point
    chosen = "," if delimiter == ";" and unclear.any() else "."
    if unclear.any():
        index = words.first_of(unclear)
        word = words.words[int(words.codes[index])].as_py()
        sign = "comma" if "," in word else "point"
        read = "decimals" if (chosen == ",") == (sign == "comma") else "thousands"
        row = grid.row(index)
        where = f"{file}: column {shown(column.name)}, row {row:,}"
        sentence = f"{where}: a cell like {mask(word)} was read as if the {sign} divides {read}."
        notes.warn("ambiguous-numbers", sentence, file=file, row=row, column=column.name)
    return chosen


def tell_missing(words: Words, file: str, name: str, notes: Notes) -> None:
    if words.taken_as_missing:
        sentence = f"{file}: column {shown(name)}: {listed(words.taken_as_missing)} read as missing."
        notes.warn("missing-words", sentence, file=file, column=name)


def tell_conventions(column: Column, decimal: str, grid: Grid, file: str, notes: Notes) -> None:
    words, taken, evidence = column.words, column.taken, column.evidence
    assert words is not None and evidence is not None and taken is not None  # noqa: S101, PT018
    where = f"{file}: column {shown(column.name)}"

    def tell(code: str, which: npt.NDArray[np.bool_], what: str) -> None:
        if which.any():
            index = words.first_of(which)
            row, word = grid.row(index), words.words[int(words.codes[index])].as_py()
            sentence = f"{where} has {what}, the first in row {row:,} (a cell like {mask(word)})."
            notes.warn(code, sentence, file=file, row=row, column=column.name)

    present = words.counts > 0
    grouped = taken.grouped_by_space | (
        evidence.unclear_point | matching(taken.digits, r"\..*[.,]|\.[0-9]{3}\.")
        if decimal == ","
        else evidence.has_comma
    )
    tell("decimal-commas", evidence.has_comma if decimal == "," else np.zeros_like(present), "decimal commas")
    tell("thousands-separators", grouped & present, "thousands separators")
    tell("odd-minus", taken.odd_minus & present, "brackets, a sign behind or a typographic sign for minus")
    units = units_of(taken, words.counts)
    has_unit = pc.not_equal(taken.unit, "").to_numpy(zero_copy_only=False) & present
    measured = matching(taken.unit, r"^[°µ]?\p{Ll}") & ~among(taken.unit, _CURRENCY_WORDS)
    if (measured & present).any():
        unit = next(unit for unit in taken.unit.filter(pa.array(measured & present)).to_pylist())
        tell("measures", measured & present, f"the unit {shown(unit, 20)} behind its numbers")
        return
    tell(
        "percent-signs" if "%" in units else "currency-signs",
        has_unit,
        "percent signs" if "%" in units else "currency signs",
    )


def other_units(column: Column, grid: Grid, file: str) -> npt.NDArray[np.bool_] | Doubt:
    """The words whose number has another unit than most have, or a doubt where they are more than a slip."""
    words, taken = column.words, column.taken
    assert words is not None and taken is not None  # noqa: S101, PT018
    units = units_of(taken, words.counts)
    nothing = np.zeros(len(words.words), dtype=np.bool_)
    if not not_one_unit(units):
        return nothing
    usual = max(units, key=lambda unit: units[unit])
    fits = [unit for unit in units if not not_one_unit({unit, usual})]
    usually = pc.is_in(taken.unit, pa.array(fits)).to_numpy(zero_copy_only=False)
    other: npt.NDArray[np.bool_] = taken.is_shaped & (words.counts > 0) & ~usually
    if words.counts[other].sum() <= slips(words.present):
        return other
    row = grid.row(words.first_of(other))
    sentence = f"{file}: column {shown(column.name)} has numbers with different signs ({told(units)}; row {row:,})"
    return Doubt("mixed-units", sentence, file, row)


def not_one_unit(units: Collection[str]) -> bool:
    """Whether numbers with these signs cannot stand in one column; a bare number may stand beside a currency."""
    return len({*units} - {""}) > 1 or ("%" in units and "" in units)


def told(units: Iterable[str]) -> str:
    return listed([unit or "no sign" for unit in units])
