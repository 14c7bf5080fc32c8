"""A model whose image alone can answer: what its columns are worth is asked of its endpoint."""

from __future__ import annotations

import csv
import io
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.algorithms import ImportanceError, Registry
from jobs.encoding import Encoder, write_artifact
from jobs.encoding.columns import Numeric
from jobs.evaluate.artifact import HeldOut, inside
from jobs.evaluate.through_endpoint import ThroughEndpoint, asker
from jobs.metrics.predictions import Predictions

NAMES = ("id", "plan", "size", "noise")


class Closed:
    """An algorithm that leaves nothing to be asked here."""

    def trained(self, archive: Path) -> Any:
        raise ImportanceError(f"{archive.name} is answered by its own image alone.")


class Endpoint:
    """boto3's client; the chance of "yes" follows from plan and size. It keeps what it was asked."""

    def __init__(self, *, broken: bool = False) -> None:
        self.rows, self.broken = list[dict[str, str]](), broken

    def invoke_endpoint(self, **request: Any) -> Any:
        assert request["CustomAttributes"] == "sagerelay=evaluation"
        asked = list(csv.DictReader(io.StringIO(request["Body"].decode())))
        self.rows += asked
        if self.broken:
            return {"Body": io.BytesIO(b"no,1\n")}
        chances = [chance(row["plan"], float(row["size"] or "0")) for row in asked]
        lines = [f"{'yes' if one > 0.5 else 'no'},{1 - one:.9g},{one:.9g}" for one in chances]
        return {"Body": io.BytesIO("\n".join(lines).encode())}


def chance(plan: str, size: float) -> float:
    return float(1 / (1 + np.exp(-(size + 1.5 * (plan == "pro, or so")))))


def schema() -> Any:
    kinds = ("identifier", "categorical", "numeric", "numeric", "target")
    columns = [
        {"name": name, "kind": kind, "used": kind not in {"identifier", "target"}}
        for name, kind in zip((*NAMES, "sick"), kinds, strict=True)
    ]
    return {"task": "binary", "target": "sick", "classes": ["no", "yes"], "positive_class": "yes", "columns": columns,
            "algorithm": "closed"}  # fmt: skip


@pytest.fixture(scope="module")
def held_out(tmp_path_factory: pytest.TempPathFactory) -> HeldOut:
    """2,000 rows as a file, of which "sick" follows from the chance; with its archives beside it."""
    folder, draw = tmp_path_factory.mktemp("closed"), np.random.default_rng(1)
    plans, numbers = draw.choice(["basic", "pro, or so"], 2_000), draw.normal(size=(2_000, 2))
    found = np.array([chance(plan, size) for plan, (size, _) in zip(plans, numbers, strict=True)])
    actual = (draw.random(2_000) < found).astype(np.int64)
    with (folder / "test.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*NAMES, "sick"])
        writer.writerows(
            [number, plan, f"{size:.4f}", f"{noise:.4f}", ["no", "yes"][one]]
            for number, (plan, (size, noise), one) in enumerate(zip(plans, numbers, actual, strict=True))
        )
    write_artifact(Encoder((Numeric("size"),)), schema(), folder / "encoder.tar.gz")
    with tarfile.open(folder / "model.tar.gz", "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("weights.bin"))
    predictions = Predictions("binary", actual, (found > 0.5).astype(np.int64), np.column_stack([1 - found, found]), 1)
    return HeldOut(folder / "test.csv", schema(), predictions, "auc")


def asked(held_out: HeldOut, endpoint: Endpoint, *, outside: bool = True) -> Any:
    folder = held_out.test.parent
    through = ThroughEndpoint(schema(), asker(endpoint, "e", schema())) if outside else None
    offered = Registry({"closed": Closed})  # type: ignore[dict-item]
    return inside(folder / "model.tar.gz", folder / "encoder.tar.gz", held_out, offered, through)


def test_what_the_columns_of_a_closed_image_are_worth_is_asked_of_its_endpoint(held_out: HeldOut) -> None:
    endpoint = Endpoint()
    found, warned = asked(held_out, endpoint)
    assert warned == []
    assert [(one["column"], one["noise"]) for one in found.permutation["columns"]] == [
        ("size", False), ("plan", False), ("noise", True),
    ]  # fmt: skip
    assert found.permutation["value"] < 0.6
    moved = {one["column"]: one for one in found.effects["columns"]}
    assert moved["size"]["curves"][0]["direction"] == "rises"
    assert '"pro, or so" makes "yes" likeliest' in moved["plan"]["sentence"]
    assert not found.effects["explained"]
    assert len(endpoint.rows) < 8_000
    whole = {row["id"]: row for row in csv.DictReader(held_out.test.read_text().splitlines())}
    assert {row["size"] for row in endpoint.rows} <= {row["size"] for row in whole.values()}
    assert all(row["noise"] == whole[row["id"]]["noise"] for row in endpoint.rows[-50:])  # effects move one column


def test_without_an_endpoint_or_with_one_that_fails_it_is_a_sentence(held_out: HeldOut) -> None:
    for endpoint, outside, why in (
        (Endpoint(), False, "answered by its own image alone"),
        (Endpoint(broken=True), True, "The endpoint answered"),
    ):
        found, warned = asked(held_out, endpoint, outside=outside)
        assert found.permutation is None
        assert [one.code for one in warned] == ["importance-unavailable"]
        assert why in warned[0].sentence
