"""The whole pipeline in this process: real artifacts, real bytes between real containers."""

import json
import sys
from pathlib import Path

import pytest

from local.containers.errors import UserError
from local.containers.reply import REQUEST_HEADERS
from local.serving.config import read_config
from local.serving.pipeline import Pipeline, load
from tests.serving.endpoints import ROW, configuration, trained


@pytest.fixture(scope="module", params=["binary", "multiclass", "regression"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Pipeline]:
    directory = tmp_path_factory.mktemp(request.param)
    config = configuration(directory, trained(directory, request.param))
    return request.param, load(read_config(config).containers)


def test_raw_rows_in_answers_in_the_users_words_out(served: tuple[str, Pipeline]) -> None:
    task, pipeline = served
    reply = pipeline.invoke(f"{ROW}\n,,,,,".encode(), "text/csv", None)
    assert (reply.status, reply.content_type) == (200, "text/csv; charset=utf-8")
    lines = reply.body.decode().splitlines()
    assert len(lines) == 2
    if task == "regression":
        assert 40 < float(lines[0]) < 120
    else:
        width = {"binary": 2, "multiclass": 3}[task]
        probabilities = [float(number) for number in lines[0].rsplit(",", width)[1:]]
        assert sum(probabilities) == pytest.approx(1, abs=1e-6)


def test_every_format_asks_the_same_question(served: tuple[str, Pipeline]) -> None:
    task, pipeline = served
    row = {"age": 40, "member": True, "plan": "pro", "town": "town 1", "signup": "24.12.2020 10:00"}
    body = json.dumps(row).encode()

    def answer(body: bytes, content_type: str, accept: str) -> str:
        return pipeline.invoke(body, content_type, accept).body.decode()

    answers = [
        json.loads(answer(ROW.encode(), "text/csv", "application/json")),
        json.loads(answer(body, "application/json", "application/json")),
        {"predictions": [json.loads(answer(body, "application/jsonlines", "application/jsonlines"))]},
    ]
    assert answers[0] == answers[1] == answers[2]
    assert ("prediction" in answers[0]["predictions"][0]) == (task == "regression")


def test_asked_for_an_explanation_it_says_beside_the_same_answer_that_it_has_none(served: tuple[str, Pipeline]) -> None:
    _, pipeline = served
    plain = pipeline.invoke(ROW.encode(), "text/csv", "application/jsonlines")
    token = REQUEST_HEADERS.set({"x-amzn-sagemaker-custom-attributes": "explain=true"})
    try:
        explained = pipeline.invoke(ROW.encode(), "text/csv", None)
    finally:
        REQUEST_HEADERS.reset(token)
    assert explained.content_type == plain.content_type
    told = json.loads(explained.body)
    assert "no row can be explained" in told.pop("explanation")["undefined"]
    assert told == json.loads(plain.body)


def test_a_thousand_rows_are_a_thousand_single_rows(served: tuple[str, Pipeline]) -> None:
    _, pipeline = served
    rows = [f"{age / 10},{'yes' if age % 2 else 'no'},pro,town {age % 80},," for age in range(1000)]
    together = pipeline.invoke("\n".join(rows).encode(), "text/csv", None).body.decode().splitlines()
    for place in (0, 1, 500, 999):
        assert pipeline.invoke(rows[place].encode(), "text/csv", None).body.decode().strip() == together[place]


def test_a_row_that_cannot_be_read_ends_the_pipeline_with_a_clear_400(served: tuple[str, Pipeline]) -> None:
    reply = served[1].invoke(f"{ROW}\nforty,yes,pro,town 1,,".encode(), "text/csv", None)
    assert (reply.status, reply.content_type) == (400, "application/json")
    assert 'row 2: column "age" should hold a number' in json.loads(reply.body)["error"]


def test_loading_leaves_the_checkouts_own_modules_alone(served: tuple[str, Pipeline]) -> None:
    assert "encode" not in sys.modules
    assert str(sys.modules["jobs.encoding"].__file__).startswith(str(Path(__file__).parents[2]))


def test_a_missing_script_is_named(tmp_path: Path) -> None:
    folders = trained(tmp_path)
    (folders["decode"] / "code" / "decode.py").unlink()
    with pytest.raises(UserError, match=r"there is no decode\.py in /opt/ml/model/code"):
        load(read_config(configuration(tmp_path, folders)).containers)
