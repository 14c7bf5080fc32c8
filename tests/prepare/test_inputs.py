"""Everything a person can get wrong in an export: one file for every code of the table, and what comes of it."""

# ruff: noqa: ARG005  cells are made from a cell and its index, and rarely from both

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from jobs.prepare.outcomes import CODES, Outcome, to_markdown
from jobs.refusals import Refusal
from tests.prepare import tables
from tests.prepare.tables import added, column, packed, spoiled, text

KEY = "datasets/churn/train/jan.csv"
TARGET = {"target": "churned"}


@dataclass(frozen=True)
class Case:
    """Content in, code out; `says` are parts of the sentence: the place above all."""

    code: str
    content: bytes | str | Mapping[str, bytes | str]
    says: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    label: str = ""

    @property
    def files(self) -> Mapping[str, bytes | str]:
        return self.content if isinstance(self.content, Mapping) else {KEY: self.content}

    @property
    def given(self) -> dict[str, Any]:
        return TARGET | self.settings


def parquet(frame: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    return out.getvalue()


GOOD = text()
FRAME = pd.read_csv(io.StringIO(GOOD))
NESTED = FRAME.assign(plan=[["a", "b"]] * 60)
WIDE = ",".join(f"c{i}" for i in range(20_000))
MANY = [f"class {i}" for i in range(101)]


def regression(cell: Callable[[int], str]) -> str:
    return text(column(3, lambda _, i: cell(i)))


REFUSED = [
    Case("empty-file", b"", (KEY,)),
    Case("empty-file", b"\n \n", (KEY,), label="blanks"),
    Case("empty-file", packed(b""), (KEY,), label="gzip"),
    Case("wrong-format", b"PK\x03\x04" + b"[Content_Types].xml xl/workbook.xml", ("Excel",), label="xlsx"),
    Case("wrong-format", b"PK\x03\x04" + b"jan.csv" + b"\0" * 40, ("zip",), label="zip"),
    Case("wrong-format", b"%PDF-1.7\n%\xe2\xe3", ("PDF",), label="pdf"),
    Case("wrong-format", "<!DOCTYPE html>\n<html><table></table></html>", ("web page",), label="html"),
    Case("wrong-format", '[{"age": 1, "churned": "no"}]', ("JSON",), label="json"),
    Case("wrong-format", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, ("PNG",), label="png"),
    Case("wrong-format", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 50, (".xls",), label="xls"),
    Case("wrong-format", packed(packed(GOOD.encode())), ("twice",), label="gzip twice"),
    Case("binary-file", bytes(i * 97 % 251 for i in range(5000)), (KEY,)),
    Case("nul-bytes", GOOD.replace("basic", "ba\0sic", 1), ("row 2",)),
    Case("truncated-gzip", packed(GOOD.encode())[:-20], (KEY,)),
    Case("broken-parquet", parquet(FRAME)[:-50], (KEY,)),
    Case("broken-parquet", parquet(NESTED), ('"plan"', "list"), label="nested"),
    Case("undecodable", GOOD.replace("basic", "größer", 20).encode() + b"30,caf\xe9,1.5,no\n", ("row 62",)),
    Case("undecodable", GOOD, ("nonsense-8",), {"file": {"encoding": "nonsense-8"}}, "unknown encoding"),
    Case("header-only", ",".join(tables.HEADER) + "\n", (KEY,)),
    Case("ragged-rows", GOOD.replace("\n20,", "\n20,extra,", 2), ("row 2", "5 cells", "4 names")),
    Case("ragged-rows", text() + "\n".join(["31,basic"] * 5), ("row 62", "2 cells"), label="short"),
    Case("broken-quotes", spoiled(30, 1, "PLACE").replace("PLACE", '"basic'), ("row 32",)),
    Case("huge-field", spoiled(9, 1, "x" * 1_000_001), ("row 11",)),
    Case("too-few-rows", text(tables.rows(20)), ("20 rows", "50")),
    Case("one-column", "churned\n" + "yes\nno\n" * 40, (KEY,)),
    Case("too-many-columns", WIDE + "\n" + WIDE + "\n", ("20,000", "2,000")),
    Case("no-header", GOOD.split("\n", 1)[1], ("row 1", '"20"'), {"target": None}),
    Case("header-too-long", text(header=("age", "p" * 500, "income", "churned")), ("column 2",)),
    Case("duplicate-headers", text(header=("age", "age", "income", "churned")), ("columns 1 and 2", '"age"')),
    Case("duplicate-headers", added("churned", lambda i: "yes" if i % 3 else "no"), ("1 and 5",), label="target"),
    Case(
        "columns-differ",
        {"a.csv": GOOD, "b.csv": text(header=("age", "tariff", "income", "churned"))},
        ("b.csv", '"plan"', '"tariff"', "a.csv"),
    ),
    Case("unknown-column", GOOD, ('"agee"', '"age"'), {"ignore": ["agee"]}),
    Case(
        "no-features", text([[r[3], str(i), "x"] for i, r in enumerate(tables.rows())], ("churned", "id", "k")), ("id",)
    ),
    Case(
        "mixed-types", text(column(0, lambda c, i: f"word{i}" if i % 6 == 0 else f"{i}.{i}", 240)), ("row 2", '"age"')
    ),
    Case(
        "mixed-numbers",
        text(column(2, lambda c, i: f"{i},5" if i == 40 else f"{i}.25"), delimiter=";"),
        ("row", '"income"'),
    ),
    Case("mixed-units", text(column(2, lambda c, i: f"{i}%" if i % 2 else f"{i}")), ('"income"',)),
    Case("mixed-units", text(column(2, lambda c, i: f"€{i}" if i % 2 else f"${i}")), ('"€"',), label="currencies"),
    Case(
        "mixed-units",
        {"a.csv": added("fee", lambda i: f"{i}%"), "b.csv": added("fee", lambda i: f"0.{i:02d}")},
        ("b.csv", '"fee"', "no sign", "a.csv"),
        label="files",
    ),
    Case(
        "mixed-dates",
        added("when", lambda i: f"2024-01-{1 + i % 28:02d}" if i < 40 else f"1/{1 + i % 28}/2024"),
        ("row 42",),
    ),
    Case(
        "mixed-types",
        added("when", lambda i: "soon" if i % 9 == 0 else f"2024-01-{1 + i % 28:02d}"),
        ("row 2",),
        label="dates",
    ),
    Case("wrong-kind", GOOD, ('"plan"', "row 2", "numeric"), {"columns": {"plan": "numeric"}}),
    Case("no-target", GOOD, ('"churn"', '"churned"'), {"target": "churn"}),
    Case("no-labels", text(column(3, lambda c, i: "")), ('"churned"',)),
    Case("constant-target", text(column(3, lambda c, i: "no")), ('only "no"', "60 rows")),
    Case("constant-target", text(column(3, lambda c, i: "5")), ("5",), {"task": "regression"}, "number"),
    Case("class-too-small", spoiled(9, 3, "maybe"), ('"maybe" (1)', KEY, "row 11")),
    Case("too-many-classes", text(column(3, lambda c, i: MANY[i % 101], 1010)), ("101 classes",)),
    Case("target-near-unique", text(column(3, lambda c, i: f"customer {i}")), ("60 different",)),
    Case(
        "target-not-numeric",
        regression(lambda i: "n/k" if i == 7 else f"{i}.5"),
        ("row 9", "n/k"),
        {"task": "regression"},
    ),
    Case("target-not-numeric", GOOD, ('"churned"',), {"task": "regression"}, "words"),
    Case(
        "mixed-classes",
        {"a.csv": GOOD, "b.csv": text(column(3, lambda c, i: "1" if c == "yes" else "0"))},
        ('"yes"', '"1"'),
    ),
    Case("no-target", GOOD, ('"churned"', "ignore"), {"ignore": ["churned"]}, "ignored"),
    Case("task-impossible", text(column(3, lambda c, i: "abc"[i % 3])), ("3 classes",), {"task": "binary"}),
    Case("unknown-positive-class", GOOD, ('"maybe"', '"yes"'), {"positive_class": "maybe"}),
    Case("split-impossible", GOOD, ('"plan"',), {"split": {"how": "time", "column": "plan"}}),
    Case(
        "split-impossible",
        added("who", lambda i: "ab"[i % 2]),
        ("2",),
        {"split": {"how": "group", "column": "who"}},
        "groups",
    ),
]

FOOTER = GOOD + "Total,,62000.00,\n"
WARNED = [
    Case("named-otherwise", parquet(FRAME), (KEY, "Parquet"), label="parquet"),
    Case("named-otherwise", packed(GOOD.encode()), ("gzip",), label="gzip"),
    Case("named-otherwise", {"a.csv.gz": GOOD}, ("a.csv.gz",), label="not gzip"),
    Case("encoding-guessed", text(column(1, lambda c, i: "café" if i % 2 else c)).encode("latin-1"), ("row 3",)),
    Case("preamble", "Customers of 2024\nprinted today\n\n" + GOOD, ("2 lines",)),
    Case("comment-lines", GOOD.replace("\n", "\n# checked\n", 1), ("row 2",)),
    Case("footer", FOOTER, ("row 62", "Total")),
    Case("footer", GOOD + "Source: statistics office\n", ("row 62",), label="note"),
    Case("footer", GOOD + "\n(60 rows affected)\n", ("row 63",), label="query tool"),
    Case(
        "footer",
        text(
            [[str(i % 7 + 1), str(i % 5 + 2), r[3]] for i, r in enumerate(tables.rows(70))] + [["280", "280", "no"]],
            ("a", "b", "churned"),
        ),
        ("row 72",),
        label="sums without a word",
    ),
    Case("footer", GOOD + "Somme,,62000.5,\n" + "Note,,,\n" * 5, ("row 62", "Somme"), label="many notes"),
    Case(
        "subtotals",
        text(
            [
                r
                for i, row in enumerate(tables.rows())
                for r in ([row, ["", "Subtotal", "9", ""]] if i % 20 == 9 else [row])
            ]
        ),
        ("3 rows", "row 12"),
    ),
    Case("repeated-header", GOOD + GOOD, ("row 62",)),
    Case("blank-rows", GOOD.replace("\n20,", "\n,,,\n20,", 1), ("1 empty", "row 2")),
    Case("duplicate-rows", text(tables.rows() + tables.rows()[:7]), ("7 rows",)),
    Case("unlabelled-rows", spoiled(9, 3, ""), ("1 rows",)),
    Case("blank-header", added("", lambda i: str(i % 7)), ("column 1",)),
    Case(
        "blank-header", "\n".join(line + "," for line in GOOD.splitlines()), ("column 5", "neither"), label="trailing"
    ),
    Case("duplicate-column", text([[*r, r[3]] for r in tables.rows()], (*tables.HEADER, "churned")), ('"churned"',)),
    Case("empty-column", added("notes", lambda i: ""), ('"notes"',)),
    Case("constant-column", added("country", lambda i: "DE"), ('"country"',)),
    Case("constant-column", added("year", lambda i: "2024"), ('"year"',), label="number"),
    Case("identifier-column", added("customer_id", lambda i: str(9000 + i * 7)), ('"customer_id"',), label="name"),
    Case("identifier-column", added("n", str), ('"n"',), label="running"),
    Case("identifier-column", added("who", lambda i: f"c-{i:x}-{i * 7919:x}"), ('"who"',), label="words"),
    Case("text-column", added("remark", lambda i: f"the customer said {i} times that it was fine"), ('"remark"',)),
    Case(
        "leak",
        text([[*r, "1" if r[3] == "yes" else "0"] for r in tables.rows()], (*tables.HEADER, "left")),
        ('"left"',),
    ),
    Case(
        "leak",
        text(
            [[*r, "1" if (r[3] == "yes") != (i == 9) else "0"] for i, r in enumerate(tables.rows(800))],
            (*tables.HEADER, "left"),
        ),
        ('"left"',),
        label="nearly",
    ),
    Case(
        "leak",
        text(
            [[*r, r[3] if i % 100 != 4 else "yess"] for i, r in enumerate(tables.rows(300))], (*tables.HEADER, "left")
        ),
        ('"left"',),
        label="three typos",
    ),
    Case(
        "leak",
        text([[*r, "2024-05-01" if r[3] == "yes" else ""] for r in tables.rows()], (*tables.HEADER, "end")),
        ("end",),
        label="missing",
    ),
    Case(
        "leak",
        text([[*r[:3], f"{float(r[2]) * 1.19 + 3:.4f}"] for r in tables.rows()], ("age", "plan", "income", "gross")),
        ('"income"',),
        {"target": "gross"},
        "regression",
    ),
    Case("decimal-commas", text(column(2, lambda c, i: c.replace(".", ",")), delimiter=";"), ("row 2", '"income"')),
    Case("thousands-separators", text(column(2, lambda c, i: f"1,{i:03d}.5")), ("row 2",)),
    Case("ambiguous-numbers", text(column(2, lambda c, i: f"1,{i:03d}")), ("row 2", "thousands")),
    Case(
        "ambiguous-numbers",
        added("visits", lambda i: f"{1 + i % 9}.{i:03d}" if i % 3 else "987").replace(",", ";"),
        ("row 3", '"2.001"', "point divides thousands"),
        {"ignore": ["income"]},
        "points",
    ),
    Case(
        "numbers-as-words",
        text(column(0, lambda c, i: "5+" if i % 9 == 0 else c)),
        ("row 2", '"5+"', "7 such cells"),
    ),
    Case("two-digit-years", added("born", lambda i: f"{1 + i % 28:02d}.02.{40 + i % 9}"), ('"born"', "2040 to 2048")),
    Case("currency-signs", text(column(2, lambda c, i: f"$ {c}")), ("row 2",)),
    Case("percent-signs", text(column(2, lambda c, i: f"{i}%")), ("row 2",)),
    Case(
        "missing-words",
        text(column(0, lambda c, i: ("NA", "N/A", "null", "-", "?")[i % 5] if i < 10 else c)),
        ("NA", "?"),
    ),
    Case("infinite-values", spoiled(9, 2, "inf"), ("row 11", '"income"')),
    Case("infinite-values", spoiled(9, 2, "1e300"), ("row 11",), label="large"),
    Case("huge-integers", added("account", lambda i: f"{123456789012345678901234 + i % 20}"), ('"account"',)),
    Case("leading-zeros", added("shop", lambda i: f"00{i % 9}"), ("row 2", '"000"')),
    Case("stray-words", spoiled(9, 0, "12O"), ("row 11", '"12O"')),
    Case(
        "stray-words",
        added("when", lambda i: "2024-02-30" if i == 9 else f"2024-01-{1 + i % 28:02d}"),
        ("row 11",),
        label="date",
    ),
    Case("ambiguous-dates", added("when", lambda i: f"0{1 + i % 9}/0{1 + i % 7}/2024"), ("row 2", "month first")),
    Case(
        "dates-out-of-range",
        added("end", lambda i: "9999-12-31" if i % 5 else f"2024-01-{1 + i % 28:02d}"),
        ("row 3", "9999-12-31"),
    ),
    Case("target-assumed", GOOD, ('"churned"',), {"target": None}),
    Case("class-spelling", text(column(3, lambda c, i: c.title() if i % 2 else c)), ('"No"', '"no"')),
    Case(
        "class-absent",
        text(
            [[str(i), *r[:3], "c" if i < 20 else "ab"[i % 2]] for i, r in enumerate(tables.rows())],
            ("t", *tables.HEADER),
        ),
        ('"c"',),
        {"split": {"how": "time", "column": "t"}},
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case.code} {case.label}".strip())
def test_is_refused_with_a_sentence_that_names_the_place(case: Case, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        tables.judged(tmp_path, case.files, **case.given)
    assert refused.value.code == case.code, refused.value
    for part in case.says:
        assert part in refused.value.sentence
    assert refused.value.sentence.endswith(CODES[case.code].do)
    assert len(str(refused.value)) < 1000


@pytest.mark.parametrize("case", WARNED, ids=lambda case: f"{case.code} {case.label}".strip())
def test_is_read_with_a_warning(case: Case, tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, case.files, **case.given)
    found = [warned for warned in judged.notes.warnings if warned.code == case.code]
    assert found, judged.notes.warnings
    for part in case.says:
        assert any(part in warned.sentence for warned in found), found
    assert len(judged.split.train) >= 30


def test_every_code_has_a_case() -> None:
    elsewhere = {"input-changed", "decompression-bomb", "file-too-large", "schema-changed"}
    live = {code for code in CODES if code.startswith("live-")}
    right = {code for code, row in CODES.items() if row.outcome is Outcome.RIGHT}
    assert {case.code for case in REFUSED} == {
        code for code, row in CODES.items() if row.outcome is Outcome.REFUSED
    } - elsewhere
    assert {case.code for case in WARNED} == set(CODES) - right - elsewhere - live - {case.code for case in REFUSED}


def test_the_page_is_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "input.md"
    assert page.read_text(encoding="utf-8") == to_markdown()
