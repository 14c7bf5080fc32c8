"""One column with odd cells stops no training: it is read as numbers with gaps, as words, or set aside, and told."""

# ruff: noqa: E501  one kind of column, one line

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jobs.encoding import Encoder, UnreadableCellError
from jobs.prepare import outputs
from jobs.prepare.mixed import Mixture, is_numeric
from jobs.prepare.pipeline import Prepared
from jobs.refusals import Refusal
from tests.prepare import tables
from tests.prepare.tables import SETTINGS, added, text

ROWS = 400
CODES = ("mixed-types", "mixed-dates", "mixed-numbers", "mixed-units", "numbers-as-words", "stray-words")


@dataclass(frozen=True)
class Kind:
    """A column's cells by their index, what it is to be, and the code that tells of it (with the first odd row)."""

    name: str
    cell: Callable[[int], str]
    kind: str
    code: str
    row: int = 2


def _day(i: int) -> str:
    return f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}"


def _every(step: int, odd: Callable[[int], str], usual: Callable[[int], str]) -> Callable[[int], str]:
    return lambda i: odd(i) if i % step == 0 else usual(i)


KINDS = [
    Kind("tickets", _every(4, lambda i: f"PC {17000 + i}", lambda i: str(200_000 + i * 37)), "text", "numbers-as-words"),
    Kind("house numbers", _every(9, lambda i: f"{i % 90}a", lambda i: str(1 + i % 120)), "categorical", "numbers-as-words"),
    Kind("blocks", _every(3, lambda i: f"{100 + i % 80}B", lambda i: str(100 + i % 90)), "categorical", "numbers-as-words"),
    Kind("few sizes", _every(9, lambda _: "5+", lambda i: str(i % 9)), "categorical", "numbers-as-words"),
    Kind("post codes", _every(5, lambda i: f"SW{i}A 1AA", lambda i: str(10_000 + i)), "text", "numbers-as-words"),
    Kind("phones", _every(3, lambda i: f"555-{1000 + i}", lambda i: str(5_551_000 + i)), "identifier", "numbers-as-words"),
    Kind("censored", _every(6, lambda _: "<0.05", lambda i: f"{i % 97}.{i % 10}5"), "numeric", "stray-words"),
    Kind("mostly censored", _every(2, lambda i: f"<0.0{i % 5}", lambda i: f"{i % 197}.{i % 10}5"), "numeric", "stray-words"),
    Kind("notes", _every(20, lambda i: f"broken, see {i}", lambda i: f"{i}.25"), "numeric", "stray-words"),
    Kind("a word for none", _every(7, lambda _: "not asked", lambda i: str(i * 7 % 300)), "numeric", "stray-words"),
    Kind("counts above limits", _every(7, lambda i: f"≥{10 * (1 + i % 9)}", lambda i: str(i * 7 % 300)), "numeric", "stray-words"),
    Kind("counts below limits", _every(5, lambda i: f"< {5 + i % 20}", lambda i: str(30 + i * 7 % 300)), "numeric", "stray-words"),
    Kind("suppressed", _every(12, lambda _: "<5", lambda i: str(5 + i)), "numeric", "stray-words"),
    Kind("ranges", _every(15, lambda i: f"{i}-{i + 5}", str), "numeric", "stray-words"),
    Kind("a year among dates", _every(10, lambda i: str(1990 + i % 30), _day), "date", "stray-words"),
    Kind("no date at all", _every(3, lambda _: "0000-00-00", _day), "date", "stray-words"),
    Kind("mostly no date", lambda i: _day(i) if i % 4 == 3 else "0000-00-00", "date", "stray-words"),
    Kind("a word among dates", _every(3, lambda _: "open", _day), "date", "stray-words"),
    Kind("slips among dates", lambda i: f"{1 + i % 12}/{1 + i % 28}/2024" if i == 40 else _day(i), "date", "stray-words", 42),
    Kind("dates in two ways", _every(3, lambda i: f"{1 + i % 12}/{1 + i % 28}/2024", _day), "categorical", "mixed-dates"),
    Kind("dates and names", _every(6, lambda i: f"n{i % 60}", _day), "date", "stray-words"),
    Kind("marks of two kinds", _every(2, lambda i: f"{i},5", lambda i: f"{i}.5"), "identifier", "mixed-numbers"),
    Kind("one other mark", lambda i: "12,5" if i == 40 else f"{i}.25", "numeric", "stray-words", 42),
    Kind("percent or not", _every(2, lambda i: f"{i % 30}%", lambda i: f"{i % 25}"), "categorical", "mixed-units", 3),
    Kind("currencies", _every(2, lambda i: f"€{i}", lambda i: f"${i}"), "identifier", "mixed-units", 3),
    Kind("one other currency", lambda i: "€12" if i == 40 else f"${i}", "numeric", "stray-words", 42),
    Kind("versions", lambda i: f"1.{i % 7}.{i % 3}" if i % 4 else "1.2", "categorical", ""),
]  # fmt: skip


def judged(folder: Path, kind: Kind, **settings: Any) -> Prepared:
    return tables.judged(folder, {"a.csv": added("odd", kind.cell, ROWS)}, target="churned", **settings)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_mixed_column_is_read_and_told(kind: Kind, tmp_path: Path) -> None:
    found = judged(tmp_path, kind)
    assert found.columns[0].kind == kind.kind
    told = [w for w in found.notes.warnings if w.column == "odd" and w.code in CODES]
    if kind.code:
        assert [(w.code, w.row) for w in told if w.code == kind.code] == [(kind.code, kind.row)]
        assert f"{kind.row:,}" in "".join(w.sentence for w in told)
    assert all(column.used for column in found.columns[1:])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.kind == "numeric"], ids=lambda kind: kind.name)
def test_what_training_took_as_missing_is_missing_in_requests_or_refused(kind: Kind, tmp_path: Path) -> None:
    found = judged(tmp_path, kind)
    rows = np.arange(ROWS)
    schema: Any = {"task": "binary", "columns": [{"name": c.name, "kind": c.kind, "used": True, **c.facts} for c in found.columns]}  # fmt: skip
    labels = found.target.labels.astype(np.int64)
    encoder = Encoder.from_json(
        Encoder.fit(outputs.Part(found.columns, found.target, rows).frame(), schema, labels).to_json()
    )
    trained = encoder.encode_frame(outputs.Part(found.columns, found.target, rows).frame())[:, encoder.slices["odd"]]
    for i in range(ROWS):
        cell = kind.cell(i)
        try:
            asked = encoder.encode_rows(["odd"], [[cell]])[:, encoder.slices["odd"]]
        except UnreadableCellError:  # a currency sign, a slip: told with its row and column, never guessed
            continue
        np.testing.assert_array_equal(asked, trained[i : i + 1], err_msg=cell)
    if kind.name in ("censored", "a word for none", "suppressed"):
        assert np.isnan(encoder.encode_rows(["odd"], [[f" {kind.cell(0).upper()} "]])[0, encoder.slices["odd"]]).all()


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 6))])
def test_no_feature_column_refuses_a_file(seed: int, tmp_path: Path) -> None:
    """Any mixture of any two ways to write a cell, in any share: the other columns are always trained on."""
    chance = random.Random(seed)
    ways: list[Callable[[int], str]] = [
        str, lambda i: f"{i}.{i % 10}", lambda i: f"{i},{i % 10}", lambda i: f"{i}%", lambda i: f"€{i}", _day,
        lambda i: f"{1 + i % 12}/{1 + i % 28}/24", lambda i: f"word{i}", lambda i: f"{i}a", lambda _: "0000-00-00",
        lambda i: f"<0.{i % 9}", lambda i: f"{i}:{i % 60:02d}", lambda i: f"00{i}", lambda i: f"{1 + i % 9},{i:03d}",
        lambda i: f"{i % 200}.{i % 200}.{i % 7}", lambda i: "9" * 20 + str(i), lambda i: f"({i})", lambda _: "1e999",
        lambda i: f"Mar-{i % 90 + 10}", lambda i: f"2024-W{1 + i % 52:02d}", lambda i: "yes" if i % 2 else "no",
    ]  # fmt: skip
    for _ in range(25):
        first, second = chance.sample(ways, 2)
        share = chance.choice([0.002, 0.02, 0.1, 0.3, 0.5])
        odd = [chance.random() < share for _ in range(ROWS)]
        found = judged(tmp_path, Kind("", lambda i: second(i) if odd[i] else first(i), "", ""))  # noqa: B023
        assert [column.name for column in found.columns[1:] if column.used] == ["age", "plan", "income"]


def test_few_odd_cells_are_judged_over_all_files(tmp_path: Path) -> None:
    files = {f"{f}.csv": added("n", lambda i: "n/k" if i < 2 and f == 0 else str(i * 7 % 300)) for f in range(6)}  # noqa: B023
    column = tables.judged(tmp_path, files).columns[0]
    assert (column.kind, column.missing) == ("numeric", 2)


def test_a_file_of_words_makes_a_column_of_words(tmp_path: Path) -> None:
    files = {
        "a.csv": added("size", lambda i: f"{i}.5", 300),
        "b.csv": added("size", lambda i: ("low", "high")[i % 2], 100),
    }
    found = tables.judged(tmp_path, files, target="churned")
    assert found.columns[0].kind != "numeric"
    assert [(w.file, w.row) for w in found.notes.warnings if w.code == "numbers-as-words"] == [("b.csv", 2)]


@pytest.mark.parametrize("settings", [{"task": "regression"}, {}])
def test_a_target_in_doubt_is_refused(settings: dict[str, str], tmp_path: Path) -> None:
    content = text(tables.column(3, lambda _, i: f"{i},5" if i % 2 else f"{i}.25"))
    with pytest.raises(
        Refusal, match=r"^\[target-in-doubt\] a.csv: column \"churned\".*rows 2 and 3.*it is the target"
    ):
        tables.judged(tmp_path, {"a.csv": content}, target="churned", **settings)


def _shifted(i: int) -> list[str]:
    row = [str(i % 50), f"n{i}", str(i % 70), f"town {i % 9}", f"{i % 80}.5", f"s{i % 3}", f"{i % 40}"]
    return [*row[1:], ""] if i % 10 == 0 else row


def test_shifted_rows_refuse_the_file(tmp_path: Path) -> None:
    header = ("a", "who", "b", "town", "c", "street", "d", *tables.HEADER)
    table = [[*_shifted(i), *row] for i, row in enumerate(tables.rows(ROWS))]
    with pytest.raises(Refusal, match=r"^\[shifted-rows\] a.csv: row 2: the columns \"a\", \"b\", \"c\""):
        tables.judged(tmp_path, {"a.csv": text(table, header)}, target="churned")


def test_a_mark_that_runs_through_a_row_shifts_nothing(tmp_path: Path) -> None:
    header = ("a", "b", "c", "d", *tables.HEADER)
    table = [[*(["not done"] * 4 if i % 10 == 0 else [f"{i}.{n}" for n in range(4)]), *row]
             for i, row in enumerate(tables.rows(ROWS))]  # fmt: skip
    found = tables.judged(tmp_path, {"a.csv": text(table, header)}, target="churned")
    assert [column.kind for column in found.columns[:4]] == ["numeric"] * 4


def test_the_settings_say_otherwise(tmp_path: Path) -> None:
    tickets = KINDS[0]
    assert judged(tmp_path, tickets, columns={"odd": "numeric"}).columns[0].kind == "numeric"
    assert judged(tmp_path, tickets, columns={"odd": "categorical"}).columns[0].used
    dates = next(kind for kind in KINDS if kind.name == "dates in two ways")
    assert judged(tmp_path, dates, columns={"odd": "date"}).columns[0].kind == "date"


@pytest.mark.parametrize(
    ("mixture", "expected"),
    [
        (Mixture(1000, {"n/k": 9}, 300, fractional=False, words_only=False), True),
        (Mixture(100, {"n/k": 90}, 80, fractional=True, words_only=False), True),
        (Mixture(100, {"n/k": 110}, 80, fractional=True, words_only=False), False),
        (Mixture(100, {"low": 40}, 80, fractional=True, words_only=True), False),
        (Mixture(100, {f"{i}b": 1 for i in range(40)}, 140, fractional=False, words_only=False), False),
        (Mixture(1000, {f"{i} mg": 1 for i in range(40)}, 800, fractional=True, words_only=False), True),
        (Mixture(30, {f"2.{i}-rc": 1 for i in range(10)}, 40, fractional=True, words_only=False), False),
    ],
)
def test_amounts_and_names(mixture: Mixture, *, expected: bool) -> None:
    assert is_numeric(mixture) == expected


def test_parquet_holds_mixed_columns_too(tmp_path: Path) -> None:
    frame = pd.read_csv(io.StringIO(text(tables.rows(ROWS)))).assign(odd=[KINDS[0].cell(i) for i in range(ROWS)])
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    assert tables.judged(tmp_path, {"a.parquet": out.getvalue()}, target="churned").columns[-1].kind == "text"
    assert SETTINGS["target"] is None
