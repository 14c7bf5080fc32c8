"""A user's test data as the rows of a test.csv: read as prepare reads training data, judged by the live model's schema.

Nothing is inferred: which columns there are, of which kind, and what the classes are, the schema says. Columns find
their places by name. What the model does not know is ignored and told, what it needs and does not find is refused: an
evaluation on half the columns would say nothing about the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from jobs.encoding.mask import mask, masks
from jobs.evaluate.odd_cells import unreadable
from jobs.refusals import counted, listed, shown
from jobs.schema import Column as Entry
from jobs.schema import File, Schema, classes_of
from jobs.settings import Settings
from jobs.tables.conventions import tell_missing
from jobs.tables.grid import Grid
from jobs.tables.labels import EMPTY, UNREADABLE, class_codes
from jobs.tables.not_applicable import has_na
from jobs.tables.notes import Notes, refusal
from jobs.tables.parts import Column, Stray
from jobs.tables.table import FileRead, read_file
from jobs.tables.words import Words, matching

_EXACT_INTEGER = 2.0**53


@dataclass(frozen=True)
class Uploaded:
    """The labelled rows of all files: `cells` are the schema's columns in order, the target among them, as text.

    `places[i]` is (file, row) of row i; `left_out` counts rows by reason; `facts` is what schema.json says of files.
    """

    cells: pa.Table
    places: list[tuple[str, int]]
    left_out: dict[str, int]
    facts: list[File]

    def columns(self, schema: Schema) -> list[pa.Array]:
        """The used columns and, last, the answers: what the hashes of the trained rows are made of."""
        names = [column["name"] for column in schema["columns"] if column["used"]]
        return [self.cells[name].combine_chunks().cast(pa.string()) for name in (*names, schema["target"])]

    def write(self, path: Path) -> None:
        """As test.csv of docs/formats.md."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            arrow_csv.write_csv(self.cells, file)


def reading_settings(schema: Schema, settings: Settings) -> Settings:
    """How a file of new rows is read: written as its owner says, with columns of the kinds that were learned."""
    return {
        "file": settings.get("file") or {},
        "max_columns": settings.get("max_columns") or 0,
        "target": schema["target"],
        "columns": {one["name"]: one["kind"] for one in schema["columns"] if one["name"] != schema["target"]},
    }


def read_uploaded(files: Iterable[tuple[str, Path]], schema: Schema, settings: Settings, notes: Notes) -> Uploaded:
    """All files (key, path) together. Raises Refusal for what the live model cannot be evaluated on."""
    reading = reading_settings(schema, settings)
    tables, places, facts = [], list[tuple[str, int]](), []
    left_out = {"unlabelled": 0, "unknown_class": 0}
    for key, path in files:
        choose = _Chosen(key, schema, notes)
        read = read_file(path, key, reading, notes, choose=choose)
        print(f"Read {key}: {read.facts['rows']:,} rows.", flush=True)
        labels, kept = _labels(read, schema, left_out, notes)
        cells = {entry["name"]: labels if entry["name"] == schema["target"] else _cells(read, entry, notes)
                 for entry in schema["columns"]}  # fmt: skip
        tables.append(pa.table(cells).filter(pa.array(kept)))
        places += [(key, read.grid.row(int(index))) for index in np.flatnonzero(kept)]
        facts.append(read.facts)
    if not places:
        raise _nothing_left(schema, left_out, [fact["key"] for fact in facts])
    return Uploaded(pa.concat_tables(tables), places, left_out, facts)


class _Chosen:
    """The columns of one file that the live model knows; the others are told, missing ones refused or told."""

    def __init__(self, file: str, schema: Schema, notes: Notes) -> None:
        self._file, self._schema, self._notes = file, schema, notes

    def __call__(self, grid: Grid) -> Grid:
        schema, file = self._schema, self._file
        if schema["target"] not in grid.names:
            near = f" It has {listed(grid.names)}."
            sentence = f"{file}: there is no column {shown(schema['target'])}, which the live model predicts.{near}"
            raise refusal("test-target-missing", sentence)
        known = {column["name"] for column in schema["columns"]}
        absent = [column for column in schema["columns"] if column["name"] not in grid.names]
        needed = [column["name"] for column in absent if column["used"]]
        if needed:
            sentence = f"{file}: there is no column {listed(needed)}, which the live model (run {schema['run']}) uses."
            raise refusal("test-columns-missing", sentence)
        if absent:
            names = listed([column["name"] for column in absent])
            self._notes.warn("test-columns-absent", f"{file} has no column {names}: taken as missing.", file=file)
        extra = [name for name in grid.names if name not in known]
        if extra:
            sentence = f"{file}: {listed(extra)} ignored: the live model does not know such columns."
            self._notes.warn("test-columns-ignored", sentence, file=file)
        kept = [place for place, name in enumerate(grid.names) if name in known]
        return replace(
            grid,
            names=tuple(grid.names[place] for place in kept),
            columns=tuple(grid.columns[place] for place in kept),
        )


def _labels(
    read: FileRead, schema: Schema, left_out: dict[str, int], notes: Notes
) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
    """The target's cells in the model's own words, and which rows have one that the model could have answered."""
    column = read.columns[schema["target"]]
    if column.words is not None and column.words.with_na is not None and has_na(schema["classes"]):
        column = replace(column, words=column.words.with_na)
        notes.withdraw("missing-words", schema["target"])
        tell_missing(column.as_words(), read.file, schema["target"], notes)
    if schema["task"] == "regression":
        numbers = column.numbers if column.numbers is not None else np.full(read.grid.height, np.nan)
        codes = np.where(_missing(column), EMPTY, np.where(np.isnan(numbers), UNREADABLE, 0))
        cells = number_cells(numbers)
    else:
        codes = class_codes(pa.chunked_array([_text(column)]), classes_of(schema))
        words = pa.array(schema["classes"], pa.string())
        cells = words.take(pa.array(np.maximum(codes, 0), mask=codes < 0))
    where = f"{read.file}: the target column {shown(schema['target'])}"
    unlabelled, unknown = codes == EMPTY, codes == UNREADABLE
    left_out["unlabelled"] += int(unlabelled.sum())
    left_out["unknown_class"] += int(unknown.sum())
    if unlabelled.any():
        sentence = (
            f"{where} is empty in {counted(int(unlabelled.sum()), 'row, which was', 'rows, which were')} left out."
        )
        notes.warn("unlabelled-rows", sentence, file=read.file)
    if unknown.any():
        row = read.grid.row(int(np.argmax(unknown)))
        found = masks(pc.unique(_text(column).filter(pa.array(unknown))).to_pylist())
        what = (
            "no number"
            if schema["task"] == "regression"
            else f"no class of the live model ({listed(classes_of(schema))})"
        )
        rows = counted(int(unknown.sum()), "row")
        sentence = f"{where} holds words like {found}, {what}, in {rows}, the first is row {row:,}."
        notes.warn("test-classes-unknown", sentence, file=read.file, row=row, column=schema["target"])
    return cells, codes >= 0


def _nothing_left(schema: Schema, left_out: Mapping[str, int], files: list[str]) -> Exception:
    where = f"{listed(files)}: the target column {shown(schema['target'])}"
    if left_out["unknown_class"]:
        known = "a number" if schema["task"] == "regression" else f"one of {listed(classes_of(schema))}"
        sentence = f"{where} is {known} in none of {sum(left_out.values()):,} rows."
    else:
        sentence = f"{where} is empty in all {left_out['unlabelled']:,} rows."
    return refusal("test-target-unreadable", sentence)


def _cells(read: FileRead, entry: Entry, notes: Notes) -> pa.Array:
    name, kind = entry["name"], entry["kind"]
    if name not in read.columns:
        return pa.nulls(read.grid.height, pa.string())
    column = read.columns[name]
    if kind != "numeric":
        return known_words(_readable_words(read, entry, notes), entry)
    if column.doubt is not None:
        raise refusal("test-kind-changed", f"{column.doubt.sentence}.")
    if column.numbers is None:
        if column.as_words().present:
            raise _other_kind(read, name, column.as_words(), column.as_words().counts > 0, "number")
        return pa.nulls(read.grid.height, pa.string())
    for stray in column.strays:
        _tell_stray(read, name, "number", stray, notes)
    return number_cells(column.numbers)


def _readable_words(read: FileRead, entry: Entry, notes: Notes) -> pa.Array:
    """The words but for those that the endpoint refuses, which are told."""
    name, words = entry["name"], read.columns[entry["name"]].as_words()
    odd = unreadable(words, entry)
    count = int(words.counts[odd].sum())
    if not count:
        return _text(read.columns[name])
    what = "date" if entry["kind"] == "date" else "yes or no as in training"
    if count == words.present:
        raise _other_kind(read, name, words, odd, what)
    index = words.first_of(odd)
    word = words.words[int(words.codes[index])].as_py()
    _tell_stray(read, name, what, Stray(read.file, read.grid.row(index), word, count), notes)
    return text_of(words.without(odd))


def _other_kind(read: FileRead, name: str, words: Words, odd: npt.NDArray[np.bool_], what: str) -> Exception:
    index = words.first_of(odd)
    like = mask(words.words[int(words.codes[index])].as_py())
    where = f"{read.file}: column {shown(name)}, row {read.grid.row(index):,}"
    return refusal("test-kind-changed", f"{where}: a cell like {like} is no {what}, which the live model expects here.")


def _tell_stray(read: FileRead, name: str, what: str, stray: Stray, notes: Notes) -> None:
    where = f"{read.file}: column {shown(name)}, row {stray.row:,}"
    sentence = (
        f"{where}: a cell like {mask(stray.word)} is no {what} ({counted(stray.count, 'such cell')}; read as missing)."
    )
    notes.warn("stray-words", sentence, file=read.file, row=stray.row, column=name)


def known_words(cells: pa.Array, entry: Entry, *, pointed: bool | None = None) -> pa.Array:
    """The words; 1.0 as 1 where a whole column is like that and the model knows 1: pandas writes so beside gaps.

    `pointed`: whether the whole column is like that, of which these cells are a piece.
    """
    known = entry.get("categories")
    if not known or any(word.endswith(".0") for word in known):
        return cells
    present = cells.drop_null()
    if len(present) and (bool(matching(present, r"^-?[0-9]+\.0$").all()) if pointed is None else pointed):
        return pc.replace_substring_regex(cells, r"\.0$", "")
    return cells


def _text(column: Column) -> pa.Array:
    return text_of(column.as_words())


def text_of(words: Words) -> pa.Array:
    """The cells again, as strings; null where missing."""
    return words.text().cast(pa.string())


def _missing(column: Column) -> npt.NDArray[np.bool_]:
    missing: npt.NDArray[np.bool_] = column.as_words().codes < 0
    return missing


def are_whole(numbers: npt.NDArray[np.float64]) -> bool:
    """Whether all of them can be written without a point, to the last digit."""
    return bool(np.all(numbers == np.floor(numbers)) and np.all(np.abs(numbers) < _EXACT_INTEGER))


def number_cells(numbers: npt.NDArray[np.float64], *, whole: bool | None = None) -> pa.Array:
    """Numbers as the shortest text that reads back to them, null for NaN; whole ones without a point.

    `whole`: whether all numbers of the column are `are_whole`, of which these are a piece.
    """
    missing = np.isnan(numbers)
    filled = np.where(missing, 0.0, numbers)
    if are_whole(filled) if whole is None else whole:
        return pa.array(filled.astype(np.int64), mask=missing).cast(pa.string())
    return pa.array(numbers, mask=missing).cast(pa.string())
