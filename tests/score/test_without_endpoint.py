"""A model that no endpoint serves: a batch transform's answers are those an endpoint gives, and its archive's too."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from jobs.evaluate.answers import actual_values
from jobs.evaluate.asking import asked
from jobs.evaluate.endpoint import EndpointError
from jobs.evaluate.own_archive import OwnArchive
from jobs.evaluate.transformed import transformed
from jobs.serving import serve
from jobs.tables.bodies import read_target, write_bodies
from tests.score.models import TARGET, Live


def test_a_transform_s_files_are_an_endpoint_s_answers(live: Live, tmp_path: Path) -> None:
    schema, test = live.schema, live.folder / "prepared/test/test.csv"
    actual = actual_values(read_target(test, TARGET), schema)
    columns = [column["name"] for column in schema["columns"] if column["name"] != TARGET]
    write_bodies(test, columns, tmp_path / "asked", numbers_per_row=20_000)  # five rows a request
    model = serve.model_fn(str(live.folder / "model"))
    (tmp_path / "answered").mkdir()
    for body in (tmp_path / "asked").iterdir():
        answer, _ = serve.transform_fn(model, body.read_text(), "text/csv", "text/csv")
        (tmp_path / "answered" / f"{body.name}.out").write_text(answer)
    requests = len(list((tmp_path / "asked").iterdir()))
    assert requests > 1
    archive = OwnArchive(live.folder / "archive/model.tar.gz", tmp_path / "model")

    direct, _ = asked(archive, "e", test, schema, actual, schema)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("jobs.tables.bodies._MOST_NUMBERS", 5 * (1 + len(schema["classes"] or ())))
        found, told = transformed(tmp_path / "answered", test, schema, actual, schema)
        (tmp_path / "answered" / "00001.csv.out").unlink()
        with pytest.raises(EndpointError, match=r"left no answer for rows 7 to 11 of test\.csv"):
            transformed(tmp_path / "answered", test, schema, actual, schema)

    assert (told.count, told.retried) == (requests, 0)
    assert found.predicted.tolist() == direct.predicted.tolist()
    assert found.probability is not None
    assert direct.probability is not None
    assert found.probability.tolist() == direct.probability.tolist()


def test_an_archive_refuses_as_its_endpoint_does(live: Live, tmp_path: Path) -> None:
    archive = OwnArchive(live.folder / "archive/model.tar.gz", tmp_path / "model")
    with pytest.raises(ClientError) as refused:
        archive.invoke_endpoint(Body=b"age\nold\n", ContentType="text/csv", Accept="text/csv")
    assert refused.value.response["OriginalStatusCode"] == 400
    assert "old" not in str(refused.value)
