"""Words for "nothing here", also those of databases: missing in features, target, requests and label files; and NA as
a class."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from jobs.encoding import MISSING_WORDS
from jobs.encoding.text import is_missing, numbers
from jobs.evaluate.uploaded_rows import read_uploaded
from jobs.ground_truth.problems import Problems
from jobs.ground_truth.records import read_ground_truth
from jobs.prepare.pipeline import decide
from jobs.serving.rows import read_table
from jobs.tables.labels import EMPTY, class_codes
from jobs.tables.notes import Notes
from jobs.tables.words import _MAY_COMPOSE, ALWAYS_MISSING, MAYBE_MISSING, matching
from tests.prepare import tables
from tests.prepare.tables import column, text

OF_DATABASES = [r"\N", "[NULL]", "(null)", "<null>", "<NULL>", "NULL", "#N/A", "#NULL!", "-NaN", "1.#QNAN", "#NV"]


@pytest.mark.parametrize("word", OF_DATABASES)
def test_words_of_databases_are_missing_in_every_place(word: str, tmp_path: Path) -> None:
    for place in (0, 1, 2):
        judged = tables.judged(
            tmp_path, {"a.csv": text(column(place, lambda c, i: word if i % 3 else c, 120))}, target="churned"
        )
        found = judged.columns[place]
        assert (found.kind, found.missing) == ("categorical" if place == 1 else "numeric", 80)
        assert [w.column for w in judged.notes.warnings if w.code == "missing-words"] == [found.name]
    judged = tables.judged(tmp_path, {"a.csv": text(column(3, lambda c, i: word if i % 3 == 0 else c, 120))})
    assert judged.target.classes == ("no", "yes")
    assert {w.code for w in judged.notes.warnings} >= {"missing-words", "unlabelled-rows"}
    assert is_missing(f" {word} ")
    assert np.isnan(numbers("x", [word, "1"])).tolist() == [True, False]
    assert class_codes(pa.chunked_array([[word, "no"]]), ["no", "yes"]).tolist() == [EMPTY, 0]


def test_a_request_says_it_in_any_format() -> None:
    for content, media in (
        ("\\N,1\n", "text/csv"), ('"\\N","1"\n', "text/csv"), ('{"a": "\\\\N", "b": 1}', "application/jsonlines"),
    ):  # fmt: skip
        assert read_table(content, media, ["a", "b"], "y").rows == [["\\N", "1"]]


def test_training_and_serving_know_the_same_words() -> None:
    assert MISSING_WORDS | {"n.a."} >= ALWAYS_MISSING | MAYBE_MISSING
    assert all(word == word.lower() == word.casefold().strip() for word in MISSING_WORDS)


def judged_classes(tmp_path: Path, words: list[str], **changes: object) -> tuple[tuple[str, ...] | None, set[str]]:
    content = text(column(3, lambda _, i: words[i % len(words)], 600))
    judged = tables.judged(tmp_path, {"a.csv": content}, target="churned", **changes)
    return judged.target.classes, {warning.code for warning in judged.notes.warnings}


@pytest.mark.parametrize(
    ("words", "classes"),
    [
        (["AS", "NA", "EU"], ("AS", "EU", "NA")),
        (["AF", "AS", "EU", "N/A", "AS"], ("AF", "AS", "EU", "N/A")),
        (["a", "na"], ("a", "na")),
        (["low", "high", "NA", "low"], ("NA", "high", "low")),
        (["AS", "EU"] * 9 + ["NA", "EU"], ("AS", "EU")),
        (["a", "b"] * 5 + ["NA"] * 50, ("b", "a")),
        (["TRUE", "FALSE", "NA"], ("FALSE", "TRUE")),
        (["1", "2", "NA"], ("1", "2")),
        (["a", "b", "NULL"], ("b", "a")),
    ],
)
def test_na_is_a_class_where_it_is_as_frequent_as_one(
    words: list[str], classes: tuple[str, ...], tmp_path: Path
) -> None:
    found, codes = judged_classes(tmp_path, words)
    is_class = any(name.lower() in {"na", "n/a"} for name in classes)
    assert sorted(found or ()) == sorted(classes)
    assert ("na-class" in codes) == is_class
    assert ("missing-words" in codes) == ("unlabelled-rows" in codes) == (not is_class)


def test_the_settings_say_otherwise(tmp_path: Path) -> None:
    found, codes = judged_classes(tmp_path, ["AS", "NA", "EU"], na_in_target="missing")
    assert sorted(found or ()) == ["AS", "EU"]
    assert codes >= {"missing-words", "unlabelled-rows"}
    found, codes = judged_classes(tmp_path, ["AS", "EU"] * 9 + ["NA", "EU"], na_in_target="class")
    assert sorted(found or ()) == ["AS", "EU", "NA"]


@pytest.mark.parametrize(("target", "is_class"), [("churned", True), ("plan", False)])
def test_what_was_a_class_of_the_live_model_stays_one(target: str, *, is_class: bool, tmp_path: Path) -> None:
    live: Any = {"run": "r-1", "target": target, "task": "multiclass", "classes": ["AS", "EU", "NA"], "columns": []}
    words = ["AS", "EU"] * 9 + ["NA", "EU"]
    files = tables.laid_down(tmp_path, {"a.csv": text(column(3, lambda _, i: words[i % len(words)], 600))})
    found = decide(tables.settings(target="churned"), files, frozenset(), live).target.classes
    assert ("NA" in (found or ())) == is_class
    missing = decide(tables.settings(target="churned", na_in_target="missing"), files, frozenset(), live)
    assert sorted(missing.target.classes or ()) == ["AS", "EU"]


def test_na_is_a_class_over_several_files_and_in_test_data(tmp_path: Path) -> None:
    words = ["AS", "NA", "EU", "?"]
    content = text(column(3, lambda _, i: words[i % 4], 120))
    output = tables.prepared(tmp_path, {"a.csv": content, "b.csv": content}, target="churned")
    schema = tables.schema(output)
    assert schema["classes"] == ["AS", "EU", "NA"]
    assert schema["class_counts"]["NA"] == 60
    told = [w["sentence"] for w in schema["warnings"] if w["code"] == "missing-words"]
    assert len(told) == 2
    assert all('"?"' in sentence and "NA" not in sentence for sentence in told)
    notes = Notes()
    uploaded = read_uploaded(tables.laid_down(tmp_path, {"t.csv": content}), schema, {}, notes)
    assert uploaded.left_out["unlabelled"] == 30
    assert set(uploaded.cells.column("churned").to_pylist()) == {"AS", "EU", "NA"}


DECOMPOSED, COMPOSED = "cafe\u0301", "caf\u00e9"


def test_a_word_is_the_same_however_its_accents_are_written(tmp_path: Path) -> None:
    names = ("age", DECOMPOSED, "income", "churned")
    rows = column(1, lambda _, i: (DECOMPOSED, COMPOSED, "bar")[i % 3], 120)
    rows = [[*row[:3], (DECOMPOSED, COMPOSED, "tea")[i * 5 // 7 % 3]] for i, row in enumerate(rows)]
    files = {"a.csv": text(rows, names), "b.csv": text(rows, ("age", COMPOSED, "income", "churned"))}
    output = tables.prepared(tmp_path, files, target="churned", columns={DECOMPOSED: "categorical"})
    schema = tables.schema(output)
    assert [entry["name"] for entry in schema["columns"]] == ["age", COMPOSED, "income", "churned"]
    assert sorted(schema["columns"][1]["categories"]) == ["bar", COMPOSED]
    assert schema["classes"] == sorted([COMPOSED, "tea"]) or schema["classes"] == ["tea", COMPOSED]
    assert class_codes(pa.chunked_array([[DECOMPOSED, COMPOSED]]), [COMPOSED, "tea"]).tolist() == [0, 0]
    columns = ["age", COMPOSED, "income"]
    for content, media in (
        (f"1,{DECOMPOSED},2\n", "text/csv"),
        (f"age,{DECOMPOSED},income\n1,{DECOMPOSED},2\n", "text/csv"),
        (json.dumps({"age": 1, DECOMPOSED: DECOMPOSED, "income": 2}), "application/jsonlines"),
        (json.dumps({"age": 1, DECOMPOSED: DECOMPOSED, "income": 2}, ensure_ascii=False), "application/json"),
    ):
        table = read_table(content.encode(), media, columns, "churned")
        assert (table.columns, list(map(list, table.rows))) == (columns, [["1", COMPOSED, "2"]])


def test_every_sign_that_unicode_composes_is_looked_at() -> None:
    signs = [chr(place) for place in range(0x110000) if not 0xD800 <= place < 0xE000]
    changed = [
        sign for sign in signs if not unicodedata.is_normalized("NFC", sign) or unicodedata.category(sign) == "Mn"
    ]
    looked_at = matching(pa.array(changed, pa.string()), _MAY_COMPOSE)
    assert not [hex(ord(sign)) for sign, seen in zip(changed, looked_at.tolist(), strict=True) if not seen]


@pytest.mark.parametrize(
    ("text", "wanted"), [("\u22125", -5), ("(5.5)", -5.5), ("( 5 )", -5), ("5-", -5), (" -5 ", -5), ("1e3", 1000)]
)
def test_the_endpoint_reads_a_minus_as_training_does(text: str, wanted: float, tmp_path: Path) -> None:
    assert numbers("x", [text]).tolist() == numbers("x", [text] * 100).tolist()[:1] == [wanted]
    judged = tables.judged(tmp_path, {"a.csv": tables.spoiled(9, 2, text)})
    assert judged.columns[2].numbers is not None
    assert judged.columns[2].numbers[9] == wanted


@pytest.mark.parametrize(
    "text", ["(1,234)", "(-5)", "-5-", "5)", "()", "-", "(e)", "--5", "\u2212\u22125", "(5", "1 2"]
)
def test_what_only_a_column_can_tell_is_refused_by_the_endpoint(text: str) -> None:
    if is_missing(text):
        return
    with pytest.raises(ValueError, match="a number"):
        numbers("x", [text])


def test_a_ground_truth_record_without_a_value_is_counted(tmp_path: Path) -> None:
    problems = Problems()
    record = {"eventMetadata": {"eventId": "1"}, "groundTruthData": {"data": "\\N", "encoding": "CSV"}}
    schema: Any = {"task": "binary", "target": "y", "classes": ["no", "yes"]}
    found = read_ground_truth(json.dumps(record).encode(), "a.jsonl", schema, problems, Notes())
    assert len(found.ids) == 0
    assert problems.of("empty-label") == 1
