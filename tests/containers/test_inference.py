"""The built-in scoring service, asked in its formats and refused with its statuses."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost

from local.containers.errors import UserError
from local.containers.reply import Reply
from local.containers.xgboost.checkpoints import replace_model
from local.containers.xgboost.inference import ScoringService
from tests.containers.jobs import rows

BINARY: dict[str, Any] = {"objective": "binary:logistic"}
SEVERAL: dict[str, Any] = {"objective": "multi:softprob", "num_class": 3}


def service(
    directory: Path, parameters: dict[str, Any] = BINARY, models: int = 1, **environment: str
) -> ScoringService:
    data = rows("multiclass" if "num_class" in parameters else "binary")
    matrix = xgboost.DMatrix(data[:, 1:], label=data[:, 0])
    for place in range(models):
        booster = xgboost.train({**parameters, "nthread": 1, "eta": 0.1 + place / 2}, matrix, 5)
        replace_model(booster, directory / f"xgboost-model{f'-{place}' if models > 1 else ''}")
    return ScoringService(directory, environment)


def csv(data: Any) -> bytes:
    return "\n".join(",".join("" if np.isnan(value) else f"{value:.9g}" for value in row) for row in data).encode()


def ask(
    service: ScoringService, body: bytes, content_type: str | None = "text/csv", accept: str | None = None
) -> Reply:
    return service.invoke(body, content_type, accept)


def test_csv_is_one_number_a_line_with_every_digit(tmp_path: Path) -> None:
    scoring = service(tmp_path)
    data = rows()[:3, 1:].copy()
    data[1, 4] = np.nan
    reply = ask(scoring, csv(data) + b"\n")
    booster = xgboost.Booster()
    booster.load_model(bytearray((tmp_path / "xgboost-model").read_bytes()))
    expected = booster.predict(xgboost.DMatrix(data))
    assert reply == Reply(
        200, "text/csv; charset=utf-8", "".join(f"{value!r}\n" for value in expected.tolist()).encode()
    )


def test_long_bodies_are_read_like_short_ones(tmp_path: Path) -> None:
    scoring = service(tmp_path)
    data = rows()[:200, 1:].copy()
    data[::7, 3] = np.nan
    together = ask(scoring, csv(data)).body.splitlines()
    assert together == [ask(scoring, csv(data[place : place + 1])).body.strip() for place in range(200)]
    spaced = csv(data).replace(b",", b", ").replace(b", ,", b",nan,").replace(b",\n", b",nan\n")
    assert ask(scoring, spaced).body.splitlines() == together


def test_libsvm_is_the_default_and_counts_from_one_where_it_may(tmp_path: Path) -> None:
    scoring = service(tmp_path)
    row = rows()[0, 1:]
    counted = [" ".join(f"{place + first}:{value:.9g}" for place, value in enumerate(row)) for first in (0, 1)]
    expected = ask(scoring, csv([row])).body
    assert ask(scoring, counted[0].encode(), None).body == expected
    assert ask(scoring, counted[1].encode(), "text/x-libsvm").body == expected


def test_json_and_several_classes(tmp_path: Path) -> None:
    scoring = service(tmp_path, SEVERAL)
    data = csv(rows("multiclass")[:2, 1:])
    lines = ask(scoring, data).body.decode().splitlines()
    assert [len(line.split(",")) for line in lines] == [3, 3]
    scores = json.loads(ask(scoring, data, accept="application/json").body)
    assert [",".join(map(repr, row["score"])) for row in scores["predictions"]] == lines


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "status", "said"),
    [
        (b"", "text/csv", None, 204, ""),
        (b"1,2\n3", "text/csv", None, 415, "Loading csv data failed"),
        (b"a,b", "text/csv", None, 415, "Loading csv data failed"),
        (b"inf,2", "text/csv", None, 415, "inf"),
        (b"1", "image/png", None, 415, "is not an accepted ContentType"),
        (b"," * 40, "text/csv", None, 400, "Unable to evaluate payload provided"),
        (b"," * 29, "text/csv", "text/html", 406, "Accept type text/html is not supported"),
        (b"," * 29, "text/csv", "application/jsonlines", 500, "Internal Server Error"),
    ],
)
def test_statuses(tmp_path: Path, body: bytes, content_type: str, accept: str | None, status: int, said: str) -> None:
    reply = ask(service(tmp_path), body, content_type, accept)
    assert reply.status == status
    assert said in reply.body.decode()


def test_several_models_answer_with_their_mean(tmp_path: Path) -> None:
    scoring = service(tmp_path, models=2)
    data = csv(rows()[:5, 1:])
    alone = []
    for place in (0, 1):
        folder = tmp_path / f"only-{place}"
        folder.mkdir()
        (folder / "xgboost-model").write_bytes((tmp_path / f"xgboost-model-{place}").read_bytes())
        alone.append(np.array(ask(ScoringService(folder, {}), data).body.split(), dtype=float))
    np.testing.assert_allclose(
        np.array(ask(scoring, data).body.split(), dtype=float), np.mean(alone, axis=0), rtol=1e-6
    )
    assert not np.allclose(alone[0], alone[1])


def test_selectable_output(tmp_path: Path) -> None:
    scoring = service(
        tmp_path, SAGEMAKER_INFERENCE_OUTPUT="predicted_label, probability, probabilities,predicted_score"
    )
    data = csv(rows()[:2, 1:])
    first = json.loads(ask(scoring, data, accept="application/jsonlines").body.splitlines()[0])
    assert first["predicted_label"] == int(first["probability"] > 0.5)
    assert first["probabilities"] == [1 - first["probability"], first["probability"]]
    assert np.isnan(first["predicted_score"])
    assert (
        ask(scoring, data)
        .body.decode()
        .splitlines()[0]
        .startswith(f'{first["predicted_label"]},{first["probability"]},"[')
    )


def test_no_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no model file"):
        ScoringService(tmp_path, {})
    (tmp_path / "xgboost-model").write_bytes(b"{}")
    with pytest.raises(UserError, match="cannot be loaded"):
        ScoringService(tmp_path, {})


@pytest.mark.parametrize("begins", [b"\x80\x04", b"ccopy_reg\n", b"(dp0\n"])
def test_a_pickle_is_not_loaded(begins: bytes, tmp_path: Path) -> None:
    (tmp_path / "xgboost-model").write_bytes(begins + b"rest")
    with pytest.raises(UserError, match="is a pickle"):
        ScoringService(tmp_path, {})
