"""The whole of prepare, from files on the disk to everything in `prepared/`: the order of the steps, and the schema.

Nothing is fitted before the split, and the encoder sees the training part only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt

from jobs.algorithms import BUILT_IN, Registry, form
from jobs.own_code import laid
from jobs.prepare import outputs
from jobs.prepare.baseline import constraints, statistics
from jobs.prepare.choice import NoTarget, find_target
from jobs.prepare.duplicates import files_within, row_hashes
from jobs.prepare.features import read_features
from jobs.prepare.forms import Form, forms_of
from jobs.prepare.kinds import USABLE
from jobs.prepare.likely_leaks import likely_leaks
from jobs.prepare.live import compare
from jobs.prepare.partition import Partition, partition
from jobs.prepare.reference import baseline, captured_at_the_end
from jobs.prepare.shifted import check_not_shifted
from jobs.prepare.target import Target, class_words, read_target
from jobs.prepare.typed import Typed
from jobs.refusals import counted, in_yaml, listed, printable, shown
from jobs.schema import Column as ColumnEntry
from jobs.schema import OfKind, Schema
from jobs.settings import Inputs, Settings, split_columns
from jobs.tables.notes import Notes, refusal
from jobs.tables.table import Table, composed_settings, merged, read_file, without_old_traffic

_THREADS = 4


@dataclass(frozen=True)
class Prepared:
    """What was decided: enough to write everything."""

    table: Table
    target: Target
    columns: tuple[Typed, ...]
    split: Partition
    notes: Notes


def prepare(
    inputs: Inputs,
    files: Iterable[tuple[str, Path]],
    live: Schema | None,
    output: Path,
    lost: str = "",
    offered: Registry = BUILT_IN,
) -> None:
    """Read `files` (key, path), decide, and write `output`. Raises Refusal for what should not be trained on.

    `live`: the schema of the model in service; `lost`: that there is one and its schema cannot be read; `offered`: the
    algorithms to choose from.
    """
    captured = {pinned["key"] for pinned in inputs.get("objects") or () if pinned.get("origin") == "traffic"}
    chosen = inputs["settings"].get("algorithm")
    script = chosen if isinstance(chosen, Mapping) and form(chosen) == "script" else None
    if script is not None:
        files = laid.data_alone(files, _code(inputs), str(script["script"]), output)
    prepared = decide(inputs["settings"], files, captured, live)
    schema, forms = describe(inputs, prepared), forms_of(inputs["settings"], offered)
    if live is not None:
        compare(schema, live, prepared.notes)
    if lost:
        unchecked = "the new target, task and columns were not checked against what its callers know"
        prepared.notes.warn("live-schema-lost", f"{lost}: {unchecked}.")
    write(prepared, schema, captured, output, forms)
    if script is not None:
        laid.write_ours(output, script, schema)


def _code(inputs: Inputs) -> dict[str, str]:
    """The objects that are code, by key: each one's place below the dataset's code/."""
    root = f"datasets/{inputs['dataset']}/code/"
    found = (pinned["key"] for pinned in inputs.get("objects") or () if pinned.get("origin") == laid.ORIGIN)
    return {key: key.removeprefix(root) for key in found}


def decide(
    settings: Settings,
    files: Iterable[tuple[str, Path]],
    captured: Collection[str] = frozenset(),
    live: Schema | None = None,
) -> Prepared:
    """Read and judge: target, kinds, leaks, split. `captured`: the files of captured traffic; `live`: the schema of
    the live model, which decides what the settings leave open."""
    notes, settings = Notes(), composed_settings(settings)
    read = []
    for key, path in files:
        read.append(read_file(path, key, settings, notes))
        print(f"Read {printable(key)}: {read[-1].facts['rows']:,} rows, {len(read[-1].columns)} columns.", flush=True)
    table = merged(without_old_traffic(read, captured, notes), live)
    _check_names(table, settings)
    plain = [name for name, series in table.series.items() if not series.unusable or name == settings.get("target")]
    name = find_target(
        plain,
        settings.get("target"),
        read[0].file,
        notes,
        settings.get("ignore") or [],
        live=None if live is None else live["target"],
        why_not=NoTarget(table, settings.get("columns") or {}),
    )
    target = read_target(table.series[name], table, settings, notes, live)
    print(f"Target {shown(name)}: {target.task}, {_classes_told(target)}.", flush=True)
    check_not_shifted(table)
    columns = read_features(table, target, settings, notes, live)
    if not any(column.used for column in columns):
        reasons = ", ".join(f"{shown(c.name)} ({c.why_unused})" for c in columns[:5])
        raise refusal("no-features", f"No column is left to predict {shown(name)} from: {reasons}.")
    hashes = row_hashes(columns, target)
    _tell_same_files(table, hashes, captured, notes)
    distinct = _tell_duplicates(hashes, target, notes)
    heights = [(part.file, part.grid.height) for part in table.files]
    split, columns = partition(columns, target, settings.get("split") or {}, notes, heights)
    trusted = {*(settings.get("columns") or {}), *split.in_order}
    _tell_likely_leaks([column for column in columns if column.name not in trusted], target, distinct, notes)
    if not any(column.used for column in columns):
        sentence = (
            f"The split by group sets {shown(split.column)} aside; no column is left to predict {shown(name)} from."
        )
        raise refusal("no-features", sentence)
    print(f"Split: {len(split.train):,} to train, {len(split.validation):,} to validate, {len(split.test):,} to test.")
    return Prepared(table, target, tuple(columns), split, notes)


def _classes_told(target: Target) -> str:
    if target.classes is None or target.counts is None:
        return f"{int(target.labelled.sum()):,} numbers"
    return ", ".join(f"{shown(n, 20)} {c:,}" for n, c in list(zip(target.classes, target.counts, strict=True))[:10])


def _check_names(table: Table, settings: Settings) -> None:
    asked = {
        "ignore": settings.get("ignore") or [],
        "columns": list(settings.get("columns") or {}),
        "split.column": split_columns(settings.get("split") or {}),
    }
    for key, names in asked.items():
        unknown = [name for name in names if name not in table.series]
        if unknown:
            sentence = f"relay.yaml names {listed(unknown)} under {key}; the files have {listed(list(table.series))}."
            raise refusal("unknown-column", sentence)


def _tell_same_files(table: Table, hashes: npt.NDArray[np.uint64], captured: Collection[str], notes: Notes) -> None:
    """The same file under two names, or one that another holds as well: captured traffic aside, which is ours."""
    files = table.files
    for one, other in files_within(hashes, [part.grid.height for part in files]):
        if {files[one].file, files[other].file} & set(captured):
            continue
        rows, more = files[one].grid.height, files[other].grid.height - files[one].grid.height
        beside = f", beside {counted(more, 'other')}" if more else " and no other"
        sentence = f"{files[other].file} holds all {rows:,} rows of {files[one].file}{beside}."
        notes.warn("same-file", sentence, file=files[one].file)


def _tell_duplicates(hashes: npt.NDArray[np.uint64], target: Target, notes: Notes) -> npt.NDArray[np.int64]:
    """The labelled rows without those that repeat an earlier one, which are told."""
    labelled = np.flatnonzero(target.labelled)
    _, first = np.unique(hashes[labelled], return_index=True)
    count = len(labelled) - len(first)
    if count:
        share = count / len(labelled)
        alike = "is an exact copy of another" if count == 1 else "are exact copies of others"
        notes.warn("duplicate-rows", f"{counted(count, 'row')} ({share:.1%}) {alike}.")
    distinct: npt.NDArray[np.int64] = labelled[np.sort(first)]
    return distinct


def _tell_likely_leaks(columns: Sequence[Typed], target: Target, distinct: npt.NDArray[np.int64], notes: Notes) -> None:
    for column, what in likely_leaks(columns, target, distinct):
        out = f"leave it out with ignore: [{in_yaml(column.name)}] in relay.yaml"
        sentence = f"Column {shown(column.name)} {what}: if it is only known once the target is, {out}."
        notes.warn("likely-leak", sentence, column=column.name)


def describe(inputs: Inputs, prepared: Prepared) -> Schema:
    """schema.json, without what belongs to an algorithm and the warnings, which come last."""
    target, split = prepared.target, prepared.split
    read = sum(part.facts["rows"] for part in prepared.table.files)
    kept = len(split.train) + len(split.validation) + len(split.test)
    counts = (
        None
        if target.classes is None or target.counts is None
        else dict(zip(target.classes, target.counts, strict=True))
    )
    return {
        "version": 1,
        "dataset": inputs["dataset"],
        "run": inputs["run"],
        "task": target.task,
        "target": target.name,
        "classes": None if target.classes is None else list(target.classes),
        "positive_class": target.positive_class,
        "content_type": "",
        "rows": {
            "read": read,
            "dropped": read - kept,
            "train": len(split.train),
            "validation": len(split.validation),
            "test": len(split.test),
        },
        "class_counts": counts,
        "split": {"how": split.how, "column": split.column, "seed": split.seed},
        "columns": _columns(prepared),
        "files": [part.facts for part in prepared.table.files],
    }


def _columns(prepared: Prepared) -> list[ColumnEntry]:
    by_name = {column.name: column for column in prepared.columns}
    return [
        _target(prepared) if name == prepared.target.name else _entry(by_name[name], prepared)
        for name in prepared.table.series
    ]


def _entry(column: Typed, prepared: Prepared) -> ColumnEntry:
    of_kind: OfKind = column.facts if column.kind in USABLE else {}
    return {
        "name": column.name,
        "kind": column.kind,
        "used": column.used,
        "why_unused": column.why_unused,
        "missing": column.missing / prepared.table.height,
        "distinct": column.distinct,
        **of_kind,
    }


def _target(prepared: Prepared) -> ColumnEntry:
    target = prepared.target
    labels = target.labels[target.labelled]
    return {
        "name": target.name,
        "kind": "target",
        "used": False,
        "why_unused": "it is what is predicted",
        "missing": 1 - len(labels) / len(target.labels),
        "distinct": len(target.classes) if target.classes is not None else len(np.unique(labels)),
    }


def write(prepared: Prepared, schema: Schema, captured: Collection[str], output: Path, forms: Sequence[Form]) -> None:
    """Write all files, the rows in each of the forms. `captured`: the files of captured traffic."""
    target, split, columns = prepared.target, prepared.split, prepared.columns
    train, validation = (outputs.Part(columns, target, rows) for rows in (split.train, split.validation))
    with ThreadPoolExecutor(_THREADS) as pool:  # what is not learned from is written while an encoder is fitted
        names = list(prepared.table.series)
        writing = pool.submit(outputs.write_test, output / "test" / "test.csv", columns, target, names, split.test)
        learned = np.concatenate([split.train, split.validation])
        hashed = pool.submit(outputs.write_trained_rows, output, columns, target, learned, split.test)
        counted = pool.submit(statistics, [*columns, _as_column(target)], split.train)
        in_order = split.in_order
        reference = pool.submit(baseline, schema["run"], columns, prepared.table, split.train, captured, in_order)
        written = [one.algorithm.write_rows(output / one.folder, train, validation, one.of(schema)) for one in forms]
        writing.result()
    of_traffic = reference.result()["of"] == "traffic"
    at_the_end = captured_at_the_end(prepared.table, split.test, captured) if of_traffic else 0
    schema["rows"]["test_traffic"] = at_the_end
    schema["trained_rows"] = hashed.result()
    schema["warnings"] = [warned.to_json() for warned in prepared.notes.warnings]
    outputs.write_json(output / "statistics.json", counted.result())
    outputs.write_compact(output / "baseline.json", reference.result())
    outputs.write_json(output / "constraints.json", constraints(columns, split.train))
    for one, rows in zip(forms, written, strict=True):
        complete = cast("Schema", {**one.of(schema), **rows.features})
        outputs.write_json(output / one.folder / "schema.json", complete)
        rows.finish(complete)
        if len(forms) == 1:
            schema.update(complete)
        told = f"{len(complete['features']):,} features from " if "features" in complete else ""
        used = f"{sum(column.used for column in columns):,} of {len(columns):,} columns"
        print(f"Wrote {told}{used} to {output / one.folder}.", flush=True)
    if len(forms) > 1:  # until it is known which algorithm's the run goes on with
        beside = {one.name: one.algorithm.content_type for one in forms}
        outputs.write_json(output / "schema.json", {**forms[0].of(schema), "forms": beside})
    for warned in prepared.notes.warnings:
        print(f"Warning [{warned.code}] {warned.sentence}", flush=True)


def _as_column(target: Target) -> Typed:
    """The target as the baseline describes a column."""
    if target.classes is None:
        return Typed(target.name, "target", 0, 0, numbers=target.labels, facts={"integer": False})
    return Typed(target.name, "categorical", 0, len(target.classes), words=class_words(target))
