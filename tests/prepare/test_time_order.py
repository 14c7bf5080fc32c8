"""Rows in order of time, split at random: told with the split that measures the future, and only then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from chalicelib.settings.relay_yaml import SettingsError, read_settings
from jobs.refusals import Refusal, Warned
from tests.prepare import tables

DAYS = 240
Cells = list[list[str]]


def day(i: int) -> date:
    return date(2023, 11, 20) + timedelta(days=i)


def table(cells: Sequence[Sequence[str]], names: Sequence[str]) -> str:
    """The orderly table with further columns in front."""
    rows = tables.rows(len(cells))
    return tables.text([[*more, *row] for more, row in zip(cells, rows, strict=True)], (*names, *tables.HEADER))


def told(folder: Path, files: dict[str, str] | str, **settings: object) -> list[Warned]:
    content = files if isinstance(files, dict) else {"a.csv": files}
    warned = tables.judged(folder, content, target="churned", **settings).notes.warnings
    return [one for one in warned if one.code == "time-order"]


def shuffled(cells: Cells) -> Cells:
    order = np.random.default_rng(3).permutation(len(cells))
    return [cells[place] for place in order]


DATES = [[day(i).isoformat()] for i in range(DAYS)]
PARTS = [[str(day(i // 4).year), str(day(i // 4).month), str(day(i // 4).day), str(i % 4 * 6)] for i in range(DAYS)]
NAMES = ("year", "month", "day", "hour")
PARTS_SETTING = "split: {how: time, column: [year, month, day, hour]}"


@pytest.mark.parametrize(
    ("cells", "names", "setting"),
    [
        (DATES, ("date",), "split: {how: time, column: date}"),
        (DATES[::-1], ("date",), "split: {how: time, column: date}"),
        ([[day(i // 8).isoformat()] for i in range(DAYS)], ("day: of sale",), 'column: "day: of sale"}'),
        ([[day(i % 20).isoformat()] for i in range(DAYS)], ("date",), "column: date}"),
        ([[f"{day(i).isoformat()} 08:0{i % 7}:00"] for i in range(DAYS)], ("seen",), "column: seen}"),
        ([[day(i + (9 if i % 12 == 5 else 0)).isoformat()] for i in range(DAYS)], ("date",), "column: date}"),
        (PARTS, NAMES, PARTS_SETTING),
        (PARTS[::-1], NAMES, PARTS_SETTING),
        (PARTS, ("Year", "mnth", "DayOfMonth", "hr"), "column: [Year, mnth, DayOfMonth, hr]}"),
        (
            [[str(day(i).month), str(day(i).year), str(i % 5)] for i in range(DAYS)],
            ("month", "year", "x"),
            "column: [year, month]}",
        ),
        ([[str(1700000000 + 60 * i)] for i in range(DAYS)], ("timestamp",), "column: timestamp}"),
        ([[str(i // 3 * 1.5)] for i in range(DAYS)], ("Time",), "column: Time}"),
        ([[str(2000 + i // 12)] for i in range(DAYS)], ("year",), "column: year}"),
    ],
)
def test_rows_in_order_of_time_are_told_with_the_setting(
    cells: Cells, names: tuple[str, ...], setting: str, tmp_path: Path
) -> None:
    [warned] = told(tmp_path, table(cells, names))

    assert setting in warned.sentence
    assert warned.first
    chosen = read_settings(warned.sentence.partition("set ")[2].partition(" in relay.yaml")[0]).split
    judged = tables.judged(
        tmp_path, {"a.csv": table(cells, names)}, target="churned", split=chosen.model_dump() | {"seed": 7}
    )
    assert judged.split.how == "time"
    assert len(judged.split.test) >= 10
    assert not [one for one in judged.notes.warnings if one.code == "time-order"]


def test_files_each_in_order_are_told(tmp_path: Path) -> None:
    files = {f"{place}.csv": table(DATES[start : start + 80], ("date",)) for place, start in enumerate((80, 0, 160))}

    assert told(tmp_path, files)


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        (shuffled(DATES), ("date",)),
        (shuffled(PARTS), NAMES),
        ([["2024-01-01"]] * DAYS, ("date",)),
        ([["2024-01-01" if i < 230 else "2024-01-02"] for i in range(DAYS)], ("date",)),
        ([[str(i % 24)] for i in range(DAYS)], ("hour",)),
        ([[str(i % 48 / 48)] for i in range(DAYS)], ("period",)),
        ([[f"{i % 24:02d}:00"] for i in range(DAYS)], ("time",)),
        ([[str(1 + i % 12)] for i in range(DAYS)], ("month",)),
        ([[str(100 + 3 * i + i % 2)] for i in range(DAYS)], ("weight",)),
        *(
            ([[str(100 + 3 * i + i % 2)] for i in range(DAYS)], (name,))
            for name in ("heat", "seat", "runtime", "update")
        ),
        ([[str(i * 7919 % 241)] for i in range(DAYS)], ("time",)),
    ],
)
def test_what_is_in_no_order_of_time_is_not_told(cells: Cells, names: tuple[str, ...], tmp_path: Path) -> None:
    assert not told(tmp_path, table(cells, names))


def test_who_asks_for_another_split_is_not_told(tmp_path: Path) -> None:
    content = table(DATES, ("date",))

    assert not told(tmp_path, content, split={"how": "random"})
    assert not told(tmp_path, content, split={"how": "time", "column": "date"})
    assert not told(tmp_path, content, split={"how": "group", "column": "age"})


def test_a_series_is_not_called_a_leak_of_itself(tmp_path: Path) -> None:
    level = 20 + 8 * np.sin(np.arange(DAYS) / 40)
    rows = [[one[0], f"{value:.3f}"] for one, value in zip(DATES, level, strict=True)]
    for split in ({}, {"how": "time", "column": "date"}):
        judged = tables.judged(tmp_path, {"a.csv": tables.text(rows, ("date", "level"))}, target="level", split=split)
        assert "likely-leak" not in {one.code for one in judged.notes.warnings}


def test_a_class_that_only_the_latest_rows_hold_is_told_without_a_setting_that_would_be_refused(tmp_path: Path) -> None:
    rows = [[*one, f"{i * 7 % 13}", "new" if i > DAYS - 20 else "ab"[i % 2]] for i, one in enumerate(DATES)]

    [warned] = [
        one
        for one in tables.judged(
            tmp_path, {"a.csv": tables.text(rows, ("date", "x", "kind"))}, target="kind"
        ).notes.warnings
        if one.code == "time-order"
    ]

    assert "split:" not in warned.sentence.partition("Where that is meant")[0]


def test_parts_of_a_date_are_put_in_order_together(tmp_path: Path) -> None:
    split = {"how": "time", "column": list(NAMES), "test": 0.15, "validation": 0.15}

    judged = tables.judged(tmp_path, {"a.csv": table(shuffled(PARTS), NAMES)}, target="churned", split=split)

    def latest(rows: np.ndarray) -> list[tuple[float, ...]]:  # type: ignore[type-arg]
        by_name = {column.name: column.numbers for column in judged.columns}
        return [tuple(float(by_name[name][row]) for name in NAMES) for row in rows]  # type: ignore[index]

    assert max(latest(judged.split.train)) < min(latest(judged.split.validation))
    assert max(latest(judged.split.validation)) < min(latest(judged.split.test))
    assert judged.split.column == list(NAMES)


def test_a_part_that_is_no_time_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match='"plan"'):
        tables.judged(tmp_path, {"a.csv": tables.text()}, split={"how": "time", "column": ["age", "plan"]})


@pytest.mark.parametrize(
    "column", ["[]", "[a, a]", "[1, 2]", "7", "{a: b}", "[[a]]", '""'], ids=lambda column: f"column {column}"
)
def test_a_split_column_that_is_no_name_is_refused(column: str) -> None:
    with pytest.raises(SettingsError, match=r"split\.column: must be the name of a column"):
        read_settings(f"split: {{how: time, column: {column}}}")


def test_a_group_is_one_column() -> None:
    with pytest.raises(SettingsError, match="one column"):
        read_settings("split: {how: group, column: [a, b]}")
