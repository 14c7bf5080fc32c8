"""The whole job against a really trained model and a real S3 interface: what comes back is the user's own file."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from jobs.capture import Shape, Which, read
from jobs.evaluate.endpoint import EndpointError
from jobs.refusals import Refusal
from jobs.serving import serve
from jobs.tables.codes import SCORES
from tests.evaluate.loopback import serving
from tests.evaluate.trained import train, write_files
from tests.score.models import TARGET, Live, table, text, trained
from tests.score.scoring import ACCESS, KEY, scored

NEW = 9
"""The seed of rows that no model has seen."""


def new_rows(rows: int = 40, task: str = "binary") -> tuple[list[str], list[list[str]]]:
    """Header and rows without the target."""
    header, *cells = [row[:-1] for row in table(task, rows, NEW)]
    return header, cells


def as_served(live: Live, content: str) -> list[list[str]]:
    """What the endpoint's container says of the same rows."""
    answer, _ = serve.transform_fn(serve.model_fn(str(live.folder / "model")), content, "text/csv", "text/csv")
    return list(csv.reader(io.StringIO(answer)))


def refused(s3: Any, live: Live, folder: Path, content: str | bytes) -> str:
    with pytest.raises(Refusal) as refusal:
        scored(s3, folder, content, given=live.folder)
    return f"[{refusal.value.code}] {refusal.value.sentence}"


def test_the_answers_are_the_endpoint_s_beside_the_user_s_own_columns(s3: Any, live: Live, tmp_path: Path) -> None:
    header, cells = new_rows()
    content = text([header, *cells])

    found = scored(s3, tmp_path, content, given=live.folder, documents={"baseline": live.baseline})

    assert [line.split(",")[: len(header)] for line in found.text.splitlines()] == [
        line.split(",")[: len(header)] for line in content.splitlines()
    ]
    said = [[row["predicted"], row["p(ill)"], row["p(well)"]] for row in found.rows()]
    assert said == as_served(live, content), "to the last digit"
    assert found.document["asked"] == "archive"
    assert found.document["rows"] == {"read": 40, "answered": 40, "unlike": 0, "unread": 0}
    counts = {one["name"]: one["rows"] for one in found.document["classes"]}
    assert counts == {name: sum(row[0] == name for row in said) for name in ("ill", "well")}


def test_other_orders_delimiters_encodings_and_amounts_give_the_same_answers(
    s3: Any, live: Live, tmp_path: Path
) -> None:
    header, cells = new_rows()
    plain = scored(s3, tmp_path / "a", text([header, *cells]), given=live.folder)
    order = [5, 2, 0, 3, 1, 4]
    german = [[*(row[place] for place in order), "note; to self"] for row in cells]
    for row in german:
        row[1] = row[1].replace(".", ",") + " €"
    names = [*(header[place] for place in order), "flag"]
    body = gzip.compress(text([names, *german], ";").encode("utf-16"))

    found = scored(s3, tmp_path / "b", body, given=live.folder, key="datasets/clinic/score/märz.csv.gz")

    rows, expected = found.rows(";"), plain.rows()
    assert found.result.name == "märz.csv.gz"
    assert (found.content[:3], plain.content[:3]) == (codecs.BOM_UTF8, b"pat")
    assert list(rows[0]) == [*names, "predicted", "p(ill)", "p(well)", "flag 2", "reason", "inference_id"]
    assert [row["paid"] for row in rows] == [row[1] for row in german]
    assert [row["predicted"] for row in rows] == [row["predicted"] for row in expected]
    assert [row["p(ill)"].replace(",", ".") for row in rows] == [row["p(ill)"] for row in expected]
    assert {one["code"] for one in found.document["warnings"]} >= {"score-columns-extra", "currency-signs"}


def test_parquet_keeps_its_types_and_an_interval_stands_beside_a_number(s3: Any, tmp_path: Path) -> None:
    live = trained(tmp_path, "regression")
    header, cells = new_rows(30, "regression")
    frame = pd.DataFrame(cells, columns=header).astype({"age": "int16", "paid": "float32"})
    frame["admitted"] = pd.to_datetime(frame["admitted"])
    body = frame.to_parquet(index=False, row_group_size=7)

    found = scored(s3, tmp_path / "out", body, given=live.folder, key="datasets/clinic/score/feb.parquet")

    result = pq.read_table(found.result)
    assert result.select(header).equals(pq.read_table(io.BytesIO(body)).replace_schema_metadata(None))
    predicted, low, high = (result[name].to_numpy() for name in ("predicted", "predicted low", "predicted high"))
    content = text([header, *cells])
    assert predicted == pytest.approx([float(row[0]) for row in as_served(live, content)], rel=1e-6)
    assert (low < predicted).all()
    assert (predicted < high).all()
    assert found.document["range"]["mean"] == pytest.approx(predicted.mean())


def test_rows_that_cannot_be_read_or_are_unlike_training_are_named_and_kept(
    s3: Any, live: Live, tmp_path: Path
) -> None:
    header, cells = new_rows()
    at = {name: place for place, name in enumerate(header)}
    cells[3][at["age"]], cells[5][at["age"]], cells[5][at["ward"]] = "old", "900", "west"
    cells[7][at["admitted"]], cells[9][at["member"]], cells[11][at["paid"]] = "soon", "perhaps", ""
    cells[12], cells[14], cells[16] = [""] * len(header), cells[14][:3], [*cells[16], "more"]

    found = scored(s3, tmp_path, text([header, *cells]), given=live.folder, documents={"baseline": live.baseline})

    (ages,) = (column for column in live.baseline["columns"] if column["name"] == "age")
    learned = f"{ages['low']:g} to {ages['high']:g}"
    rows = found.rows()
    assert [row["patient"] for row in rows] == [row[0] for row in cells]
    assert rows[16]["member"] == f"{cells[16][-2]},more"
    flags = {place: (row["flag"], row["reason"]) for place, row in enumerate(rows) if row["flag"]}
    assert flags == {
        3: ("not read", "age: no number"),
        5: (
            "unlike training",
            f"age: far above the {learned} that the model learned from; ward: a word that no training row had",
        ),
        7: ("not read", "admitted: no date"),
        9: ("not read", "member: no yes or no as in training"),
        11: ("unlike training", "paid: empty, which it never was in training"),
        12: ("not read", "no row of data: a total, the header again, or empty"),
        **dict.fromkeys((14, 16), ("not read", "another number of cells than the header has names")),
    }
    assert [place for place, row in enumerate(rows) if not row["predicted"]] == [3, 7, 9, 12, 14, 16]
    assert found.document["rows"] == {"read": 40, "answered": 34, "unlike": 2, "unread": 6}
    assert "age: far above all that the model learned from" in [one["sentence"] for one in found.document["unlike"]]
    assert learned not in str(found.document), "what a mail may tell names no cell"
    assert {"column": "age", "sentence": "age: no number", "rows": 1, "first": 5} in found.document["unread"]


def test_the_target_in_the_file_is_compared_and_makes_it_a_test(s3: Any, live: Live, tmp_path: Path) -> None:
    rows = table("binary", 80, NEW)
    rows[4][-1] = ""
    promotion = {"sagerelay": {"run": "r", "task": "binary", "rows": 50, "metrics": {}}}

    found = scored(s3, tmp_path, text(rows), given=live.folder, documents={"evaluation": promotion})

    right = [row["predicted"] == row[TARGET] for row in found.rows() if row[TARGET]]
    told = found.document["evaluation"]
    assert (told["labelled"], told["rows"]) == (79, 79)
    assert told["at_promotion"]["metrics"]["accuracy"]["value"] == pytest.approx(np.mean(right))
    assert found.captured == []
    assert "inference_id" not in found.document["columns"], "what is not captured cannot be found by a label"


def test_scored_rows_are_traffic_in_the_format_of_data_capture(s3: Any, live: Live, tmp_path: Path) -> None:
    header, cells = new_rows(1_200)
    found = scored(s3, tmp_path, text([header, *cells]), given=live.folder)

    (path,) = found.captured
    assert path.relative_to(tmp_path / "capture").as_posix().startswith("2026/11/22/10/00-00-000-")
    batches = list(read([(path.name, path.read_bytes())], Shape.of(live.schema), Which()))
    assert sum(batch.rows for batch in batches) == found.document["captured"] == 1_200
    ages = np.concatenate([batch.columns["age"] for batch in batches if batch.rows])
    assert ages.tolist() == [float(row[1]) for row in cells]
    assert found.records[0]["eventMetadata"]["customAttributes"] == ["sagerelay=score-0a1b2c3d"]

    ids = [row["inference_id"] for row in found.rows()]
    named = [name for batch in read([(path.name, path.read_bytes())], Shape.raw(live.schema), Which(keep_all=True),
             identified=True) if batch.identified for name in batch.identified.ids.to_pylist()]  # fmt: skip
    assert ids == named, "a label finds its row by what stands in the result"
    assert len(set(ids)) == 1_200

    half = scored(s3, tmp_path / "half", text([header, *cells]), given=live.folder, capture_percentage=50)
    assert half.document["captured"] == 500
    assert sum(bool(row["inference_id"]) for row in half.rows()) == 500
    again = scored(s3, tmp_path / "again", text([header, *cells]), given=live.folder)
    assert again.records == found.records
    assert again.captured[0].name == path.name, "a second attempt writes the same object"


def test_a_pipeline_is_asked_through_its_endpoint(s3: Any, tmp_path: Path) -> None:
    model = train("binary")
    write_files(model, tmp_path / "given")
    (tmp_path / "given/model").rename(tmp_path / "given/archive")
    rows = model.test.drop(columns="target").head(60)
    with serving({"sagerelay-clinic": model}) as address:
        runtime = boto3.client("sagemaker-runtime", endpoint_url=address, **ACCESS)
        found = scored(s3, tmp_path, rows.to_csv(index=False), given=tmp_path / "given", client=runtime)
        runtime.close()
    expected = list(csv.reader(io.StringIO(model.answer(rows.to_csv(index=False)))))
    assert found.document["asked"] == "endpoint"
    assert [row["predicted"] for row in found.rows()] == [row[0] for row in expected]
    assert [float(row["p(malignant)"]) for row in found.rows()] == pytest.approx(
        [float(row[1 + model.schema["classes"].index("malignant")]) for row in expected], abs=1e-6
    )


def test_a_pipeline_without_endpoint_is_asked_by_a_batch_transform_between_two_runs_of_the_job(
    s3: Any, tmp_path: Path
) -> None:
    model = train("binary")
    write_files(model, tmp_path / "given")
    given, asked, answered = tmp_path / "given", tmp_path / "asked", tmp_path / "answered/asked"
    rows = model.test.drop(columns="target").head(60)
    cells = [[str(cell) for cell in row] for row in rows.itertuples(index=False)]
    numbers = [one["name"] for one in model.schema["columns"] if one["kind"] == "numeric" and one["used"]]
    first, second = (list(rows.columns).index(name) for name in numbers[:2])
    cells[3][first] = "unreadable"
    content = text([list(rows.columns), *cells])
    scored(s3, tmp_path, content, given=given, ask=asked)
    assert sorted(tmp_path.iterdir()) == sorted([asked, given, tmp_path / "context.json"]), "nothing else is left"
    answered.mkdir(parents=True)
    for body in asked.iterdir():
        (answered / f"{body.name}.out").write_text(model.answer(body.read_text()))

    found = scored(s3, tmp_path, content, given=given, answered=answered.parent)

    kept = [row for number, row in enumerate(cells) if number != 3]
    expected = list(csv.reader(io.StringIO(model.answer(text([list(rows.columns), *kept])))))
    assert found.document["asked"] == "transform"
    assert [row["predicted"] for row in found.rows() if row["predicted"]] == [row[0] for row in expected]
    assert found.rows()[3]["flag"] == "not read"
    assert found.document["captured"] == 59

    (answered / "00000.csv.out").unlink()
    with pytest.raises(EndpointError, match="left no answer to request 1 of"):
        scored(s3, tmp_path / "again", content, given=given, answered=answered.parent)
    odd = [list(cells[0]), list(cells[1])]
    odd[0][first] = odd[1][second] = "unreadable"
    with pytest.raises(Refusal, match="none of its 2 rows can be read"):
        scored(s3, tmp_path / "odd", text([list(rows.columns), *odd]), given=given, ask=tmp_path / "nothing")


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        (lambda header, cells: [[one for one in row if one not in {"age", row[1]}] for row in [header, *cells]],
         "score-columns-missing", 'there is no column "age"'),
        (lambda header, _: [header], "header-only", "no row below it"),
        (lambda header, cells: [header, *cells[:20], *(row[:-2] for row in cells[20:])],
         "ragged-rows", "row 22 and 19 others"),
        (lambda header, cells: [header, *([row[0], "old", *row[2:]] for row in cells)],
         "score-kind-changed", '"age" holds no number'),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_at_all_is_refused_with_the_reason(
    spoil: Any, code: str, said: str, s3: Any, live: Live, tmp_path: Path
) -> None:
    header, cells = new_rows()
    sentence = refused(s3, live, tmp_path, text(spoil(header, cells)))
    assert sentence.startswith(f"[{code}] {KEY}")
    assert said in sentence
    assert not (tmp_path / "result").exists()


def test_every_code_is_used() -> None:
    source = "".join(path.read_text() for path in Path("jobs/score").glob("*.py"))
    assert [row.code for row in SCORES if f'"{row.code}"' not in source] == []
