"""Files that are refused: one case at least for every such code of the table."""

# ruff: noqa: ARG005  cells are made from a cell and its index, and rarely from both

from __future__ import annotations

from tests.prepare import tables
from tests.prepare.cases import FRAME, GOOD, KEY, MANY, NESTED, WIDE, Case, parquet, regression
from tests.prepare.tables import added, column, packed, spoiled, text

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
    Case("target-no-values", parquet(NESTED), ('"plan"', "list"), {"target": "plan"}),
    Case("undecodable", GOOD.replace("basic", "größer", 20).encode() + b"30,caf\xe9,1.5,no\n", ("row 62",)),
    Case("undecodable", GOOD.replace("basic", "北京").encode("gbk"), ("row 2", "beyond doubt"), label="in doubt"),
    Case("undecodable", GOOD, ("nonsense-8",), {"file": {"encoding": "nonsense-8"}}, "unknown encoding"),
    Case("header-only", ",".join(tables.HEADER) + "\n", (KEY,)),
    Case("ragged-rows", GOOD.replace("\n20,", "\n20,extra,", 2), ("row 2", "5 cells", "4 names")),
    Case("ragged-rows", text() + "\n".join(["31,basic"] * 5), ("row 62", "2 cells"), label="short"),
    Case(
        "ragged-rows",
        "\n".join(",".join(("milk", "bread", "eggs", "tea")[: 1 + i % 4 * (i % 3 == 0)]) for i in range(90)),
        ("1 to 4 cells",),
        label="baskets",
    ),
    Case("broken-quotes", spoiled(30, 1, "PLACE").replace("PLACE", '"basic'), ("row 32",)),
    Case("huge-field", spoiled(9, 1, "x" * 1_000_001), ("row 11",)),
    Case("too-few-rows", text(tables.rows(20)), ("20 rows", "50")),
    Case("one-column", "churned\n" + "yes\nno\n" * 40, (KEY,)),
    Case("too-many-columns", WIDE + "\n" + WIDE + "\n", ("20,000", "2,000")),
    Case("no-header", GOOD.split("\n", 1)[1], ("row 1", '"99", "aaaaa"'), {"target": None}),
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
        "target-in-doubt",
        text(column(3, lambda c, i: f"{i},5" if i % 9 == 0 else f"{i}.25"), delimiter=";"),
        ("rows 2 and 3", '"churned"'),
    ),
    Case(
        "target-in-doubt",
        text(column(3, lambda c, i: f"{i}%" if i % 2 else f"{i}")),
        ("no sign", "row 3"),
        label="units",
    ),
    Case(
        "shifted-rows",
        text(
            [[*([f"x{i}", f"y{i}", f"z{i}"] if i % 9 == 0 else [str(i)] * 3), *r] for i, r in enumerate(tables.rows())],
            ("a", "b", "c", *tables.HEADER),
        ),
        ("row 2", '"a", "b", "c"', "7 rows"),
    ),
    Case("wrong-kind", GOOD, ('"plan"', "row 2", "numeric"), {"columns": {"plan": "numeric"}}),
    Case("no-target", GOOD, ('"churn"', '"churned"'), {"target": "churn"}),
    Case(
        "target-unclear",
        text([[str(i), f"2024-01-{1 + i % 28:02d}", f"x{i}"] for i in range(90)], ("id", "day", "who")),
        ('"who"', '"day" is a date'),
        {"target": None},
    ),
    Case("no-labels", text(column(3, lambda c, i: "")), ('"churned"',)),
    Case("constant-target", text(column(3, lambda c, i: "no")), ('only "no"', "60 rows")),
    Case("constant-target", text(column(3, lambda c, i: "5")), ("5",), {"task": "regression"}, "number"),
    Case("class-too-small", spoiled(9, 3, "maybe"), ('like "aaaaa" (1)', KEY, "row 11")),
    Case("too-many-classes", text(column(3, lambda c, i: MANY[i % 101], 1010)), ("101 classes",)),
    Case("class-too-long", text(column(3, lambda c, i: c + "x" * 500)), ("503 characters", "at most 200")),
    Case(
        "class-too-long",
        text(column(3, lambda c, i: MANY[i % 60] + "\N{FIRE}" * 180, 600)),
        ("60 classes", "limit"),
        label="together",
    ),
    Case("target-near-unique", text(column(3, lambda c, i: f"customer {i}")), ("60 different",)),
    Case(
        "target-not-numeric",
        regression(lambda i: "n/k" if i == 7 else f"{i}.5"),
        ("row 9", '"a/a"'),
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
        "no-features",
        text([[f"g{i % 20}", row[3]] for i, row in enumerate(tables.rows())], ("g", "churned")),
        ('"g"', "split by group"),
        {"split": {"how": "group", "column": "g"}},
        "group",
    ),
    Case(
        "split-impossible",
        added("who", lambda i: "ab"[i % 2]),
        ("2",),
        {"split": {"how": "group", "column": "who"}},
        "groups",
    ),
]
