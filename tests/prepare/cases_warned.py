"""Files that are read, with a word to their owner: one case at least for every such code of the table."""

# ruff: noqa: ARG005  cells are made from a cell and its index, and rarely from both

from __future__ import annotations

from tests.prepare import tables
from tests.prepare.cases import FRAME, GOOD, KEY, NESTED, Case, parquet
from tests.prepare.tables import added, column, packed, spoiled, text

FOOTER = GOOD + "Total,,62000.00,\n"
WARNED = [
    Case("named-otherwise", parquet(FRAME), (KEY, "Parquet"), label="parquet"),
    Case("named-otherwise", packed(GOOD.encode()), ("gzip",), label="gzip"),
    Case("named-otherwise", {"a.csv.gz": GOOD}, ("a.csv.gz",), label="not gzip"),
    Case("encoding-guessed", text(column(1, lambda c, i: "café" if i % 2 else c)).encode("latin-1"), ("row 3",)),
    Case("preamble", "Customers of 2024\nprinted today\n\n" + GOOD, ("2 lines",)),
    Case("comment-lines", GOOD.replace("\n", "\n# checked\n", 1), ("row 2",)),
    Case("footer", FOOTER, ("row 62",)),
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
    Case("footer", GOOD + "Somme,,62000.5,\n" + "Note,,,\n" * 5, ("row 62",), label="many notes"),
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
    Case("unlabelled-rows", spoiled(9, 3, ""), ("1 row, which was",)),
    Case("blank-header", added("", lambda i: str(i % 7)), ("column 1",)),
    Case(
        "blank-header", "\n".join(line + "," for line in GOOD.splitlines()), ("column 5", "neither"), label="trailing"
    ),
    Case("duplicate-column", text([[*r, r[3]] for r in tables.rows()], (*tables.HEADER, "churned")), ('"churned"',)),
    Case("unusable-column", parquet(NESTED), ('"plan"', "list")),
    Case("pandas-index", parquet(FRAME[FRAME["age"] > 21], index=True), ("__index_level_0__",)),
    Case("durations", parquet(FRAME.assign(waited=FRAME["age"].astype("timedelta64[s]"))), ('"waited"',)),
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
        ("row 3", '"9.999"', "point divides thousands"),
        {"ignore": ["income"]},
        "points",
    ),
    Case(
        "numbers-as-words",
        text(column(0, lambda c, i: "5+" if i % 9 == 0 else c)),
        ("row 2", '"9+"', "7 such cells"),
    ),
    Case(
        "numbers-as-words",
        text(column(0, lambda c, i: f"word{i}" if i % 3 == 0 else f"{i}", 240)),
        ("row 2", '"age"', "80 such cells"),
        label="many",
    ),
    Case(
        "mixed-numbers",
        text(column(2, lambda c, i: f"{i},5" if i % 9 == 0 else f"{i}.25"), delimiter=";"),
        ("rows 2 and 3", '"income"', "read as words"),
    ),
    Case("mixed-units", text(column(2, lambda c, i: f"{i}%" if i % 2 else f"{i}")), ('"income"', "row 3")),
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
        ("row 42", "read as words"),
    ),
    Case(
        "mixed-dates",
        added("when", lambda i: f"2024-01-{1 + i % 28:02d}" if i < 55 else f"1/{1 + i % 28}/2024"),
        ("row 57", "5 such cells; read as missing"),
        label="few",
    ),
    Case(
        "mixed-types",
        added(
            "when", lambda i: f"soon {i}" if i % 4 == 0 else f"2024-01-{1 + i % 28:02d} {i % 24:02d}:{i:02d}:00", 300
        ),
        ("row 2",),
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
    Case("leading-zeros", added("shop", lambda i: f"00{i % 9}"), ("row 2", '"999"')),
    Case("stray-words", spoiled(9, 0, "12O"), ("row 11", '"99A"')),
    Case(
        "stray-words",
        added("when", lambda i: "2024-02-30" if i == 9 else f"2024-01-{1 + i % 28:02d}"),
        ("row 11",),
        label="date",
    ),
    Case(
        "stray-words",
        added("when", lambda i: "soon" if i % 9 == 0 else f"2024-01-{1 + i % 28:02d}"),
        ("row 2", "7 such cells"),
        label="dates",
    ),
    Case("ambiguous-dates", added("when", lambda i: f"0{1 + i % 9}/0{1 + i % 7}/2024"), ("row 2", "month first")),
    Case(
        "dates-out-of-range",
        added("end", lambda i: "9999-12-31" if i % 5 else f"2024-01-{1 + i % 28:02d}"),
        ("row 3", "9999-99-99"),
    ),
    Case(
        "likely-leak",
        text(
            [[*r, "0" if r[3] == "no" else str(3 + i)] for i, r in enumerate(tables.rows())], (*tables.HEADER, "paid")
        ),
        ('"paid"', "ignore: [paid]"),
        {"target": "churned"},
    ),
    Case(
        "time-order",
        added("day", lambda i: f"2024-{1 + i // 28:02d}-{1 + i % 28:02d}"),
        ('"day"', "split: {how: time, column: day}"),
    ),
    Case("target-assumed", text(header=("age", "plan", "income", "left")), ('"left"', "last"), {"target": None}),
    Case("same-file", {"a.csv": GOOD, "b.csv": GOOD}, ("a.csv holds all 60 rows of b.csv and no other",)),
    Case("target-assumed", GOOD, ('"churned"', "by its name"), {"target": None}, "typical name"),
    Case("numbers-as-classes", text(column(3, lambda c, i: str(1 + i % 5))), ("5 whole numbers", "task: regression")),
    Case("numbers-as-amounts", text(column(3, lambda c, i: str(5 * (i % 9)))), ("in steps of 5", "task: multiclass")),
    Case(
        "class-left-out",
        text(column(3, lambda c, i: "maybe" if i == 200 else c, 300)),
        ('like "aaaaa" (1)', "1 such row was", "row 202"),
    ),
    Case("na-class", text(column(3, lambda c, i: ("EU", "NA", "AS")[i % 3])), ("20 rows", "row 3")),
    Case(
        "odd-minus",
        text(column(2, lambda c, i: f"({c})" if i % 3 == 0 else c)),
        ('"income"', "row 2"),
        label="brackets",
    ),
    Case(
        "odd-minus",
        text(column(2, lambda c, i: f"\N{MINUS SIGN}{c}" if i == 4 else c)),
        ("row 6",),
        label="typographic",
    ),
    Case("odd-minus", text(column(2, lambda c, i: f"{c}-" if i == 4 else c)), ("row 6",), label="behind"),
    Case("measures", text(column(2, lambda c, i: f"{c} kg")), ('"income"', '"kg"', "row 2")),
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
