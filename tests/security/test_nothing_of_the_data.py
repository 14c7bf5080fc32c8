"""Canaries: words that stand in cells only, looked for in everything a person or CloudWatch gets to see.

The sentences about every kind of bad file are looked through where those files are tried, in tests/prepare.
"""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from botocore.exceptions import ClientError

from chalicelib.monitoring.documents import read_result
from chalicelib.monitoring.mail_context import MailContext
from chalicelib.monitoring.mails import about
from chalicelib.names import CheckKeys, Kind
from chalicelib.records.commands import Mail
from chalicelib.relay.documents import read_evaluation, read_schema
from jobs.drift.__main__ import _parsed, check_traffic
from jobs.evaluate.answers import UnreadableAnswerError, actual_values
from jobs.evaluate.uploaded_rows import read_uploaded
from jobs.prepare.pipeline import prepare
from jobs.refusals import Refusal, run
from jobs.serving import decode, encode
from jobs.serving.refusal import UnexpectedError
from jobs.settings import Inputs
from jobs.tables.notes import Notes
from local.serving.config import read_config
from local.serving.pipeline import load
from tests.drift_job.made import Bucket, lay_out, records, rows
from tests.ground_truth import traffic
from tests.ground_truth.checking import checked
from tests.monitoring.builders import Timeline
from tests.prepare import tables
from tests.relay.builders import DEPLOYMENT, NOW
from tests.security.canaries import quoted
from tests.serving.endpoints import ROW, configuration, trained

CANARY = "Zephyrine-Quux"
_TRACE = re.compile("zephyrine|quux", re.IGNORECASE)


@pytest.fixture
def message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a job leaves its sentence."""
    path = tmp_path / "message"
    monkeypatch.setenv("SAGERELAY_MESSAGE_FILE", str(path))
    return path


def said(capfd: pytest.CaptureFixture[str], message: Path | None = None) -> str:
    """Everything that a job said: standard output, standard error and its message."""
    printed = capfd.readouterr()
    left = message.read_text() if message is not None and message.exists() else ""
    return printed.out + printed.err + left


def test_the_detector_detects() -> None:
    table = {"a.csv": f"age,churned\n41,no\n{CANARY},no\n1,maybe\n" + "2,no\n" * 5}
    assert quoted(table, "churned", f'row 3: "{CANARY}" is no number') == {CANARY}
    assert quoted(table, "churned", 'classes with few rows: "maybe" (1)') == {"maybe"}
    assert quoted(table, "churned", 'the target column "churned" holds only "no"') == set()


def test_preparing_a_table_with_canaries_in_every_kind_of_column(
    tmp_path: Path, message: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    kinds: dict[str, Callable[[int], str]] = {
        "mail": lambda i: f"{CANARY}{i}@example.org",
        "remark": lambda i: f"{CANARY} said {i} things, and then some more",
        "city": lambda i: CANARY if i == 7 else "ab"[i % 2],
        "only": lambda _: CANARY,
        "joined": lambda i: CANARY if i == 9 else f"2024-01-{1 + i % 28:02d}",
        "score": lambda i: CANARY if i == 11 else str(i % 9),
        "code": lambda i: f"00{CANARY}" if i % 2 else f"{i:04d}",
    }
    header = (*kinds, *tables.HEADER)
    body = [[*(cell(i) for cell in kinds.values()), *row] for i, row in enumerate(tables.rows(200))]
    content = tables.text(body, header) + f"Total,{CANARY},,,,,,,,62000.5,\n"
    inputs: Inputs = {"run": "churn-1a2b3c4d", "dataset": "churn", "settings": tables.settings(target="churned")}
    files = tables.laid_down(tmp_path, {"a.csv": content})
    assert run(lambda: prepare(inputs, files, None, tmp_path / "prepared")) == 0
    printed = said(capfd, message)
    assert "Warning [stray-words]" in printed
    assert not _TRACE.search(printed)
    schema = json.loads((tmp_path / "prepared/schema.json").read_text())
    assert len(schema["warnings"]) >= 5
    assert not _TRACE.search(json.dumps(schema["warnings"]))


def failing() -> None:
    try:
        float(CANARY)
    except ValueError as error:
        raise KeyError(f"{CANARY} is not there") from error


def test_an_unexpected_error_keeps_its_message_for_itself(message: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(failing) == 1
    printed = said(capfd, message)
    assert not _TRACE.search(printed)
    assert "ValueError" in printed
    assert f"{Path(__file__).name}" in printed
    assert message.read_text().startswith("[unexpected] KeyError")


def test_an_error_of_aws_or_of_the_system_says_what_it_is(message: Path) -> None:
    denied: Any = {"Error": {"Code": "AccessDenied", "Message": "User is not authorized to perform s3:GetObject"}}
    for error in (ClientError(denied, "GetObject"), FileNotFoundError(2, "No such file", "context.json")):

        def fails(error: Exception = error) -> None:
            raise error

        assert run(fails) == 1
        assert message.read_text() == f"[unexpected] {type(error).__name__}: {error}"


def test_an_endpoint_refuses_a_cell_by_its_place_and_form(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pipeline = load(read_config(configuration(tmp_path, trained(tmp_path))).containers)
    for place, column in ((0, "age"), (1, "member"), (4, "signup")):
        cells = ROW.split(",")
        cells[place] = CANARY
        reply = pipeline.invoke(",".join(cells).encode(), "text/csv", None)
        assert reply.status == 400
        told = json.loads(reply.body)["error"]
        assert f'row 1: column "{column}"' in told
        assert '"Aaaaaaaaa-Aaaa"' in told
        assert not _TRACE.search(told)
    assert not _TRACE.search(said(capfd))


def test_what_goes_wrong_in_a_script_is_logged_without_the_row() -> None:
    class Broken:
        columns, target, classes, width = ["age"], "churned", ["a", "b"], 1

        @property
        def encoder(self) -> Any:
            raise ValueError(CANARY)

    for script, body in ((encode, CANARY), (decode, CANARY)):
        with pytest.raises(UnexpectedError) as raised:
            script.transform_fn(Broken(), body, "text/csv", "text/csv")
        logged = "".join(traceback.format_exception(raised.value))
        assert "ValueError in " in str(raised.value)
        assert not _TRACE.search(logged)


def test_an_answer_out_of_form_is_told_without_it() -> None:
    schema: Any = {"task": "binary", "classes": ["no", "yes"]}
    with pytest.raises(UnreadableAnswerError) as raised:
        actual_values(["no", CANARY], schema)
    assert "row 3" in str(raised.value)
    assert not _TRACE.search(str(raised.value))


def test_a_drift_check_and_its_mail(tmp_path: Path, message: Path, capfd: pytest.CaptureFixture[str]) -> None:
    made = rows(400, 2, older=20)
    made["plan"][::3] = CANARY
    lines = [*records(made), *records(rows(40, 3), attributes=[CANARY], event_id=CANARY)]
    lines += [line.replace(b",Yes,", f",{CANARY},".encode()) for line in records(rows(30, 4))]
    lines += [f'{{"{CANARY}": "{CANARY}"}}\n'.encode(), f"{CANARY}\n".encode(), lines[0][:-30] + b"\n"]
    files = {"capture/a.jsonl": b"".join(lines)}
    assert run(lambda: check_traffic(_parsed(lay_out(tmp_path, files)), Bucket(files))) == 0
    printed = said(capfd, message)
    found = json.loads((tmp_path / "out/drift.json").read_text())
    assert "plan" in found["drifted"]
    assert found["problems"]
    assert not _TRACE.search(printed)
    told = MailContext(Timeline().monitor, CheckKeys("churn", Kind.DRIFT, 3, NOW), "", found)
    for mail in (Mail.DRIFT_FOUND, Mail.UNREADABLE, Mail.NO_TRAFFIC):
        written = about(mail, told, DEPLOYMENT)
        assert not _TRACE.search(written.subject + written.text + json.dumps(dict(written.machine)))


def test_a_quality_check_and_its_mail(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    good = traffic.labels("binary", 150)
    bad = f"r1,{CANARY}\n{CANARY},yes\n,{CANARY}\nr2,no\nr2,yes\n{CANARY},no\nr3,{CANARY},more\n"
    records_ = json.dumps({"groundTruthData": {"data": CANARY}, "eventMetadata": {"eventId": "r5"}}) + f"\n{CANARY}\n"
    captures = {"c.jsonl": traffic.captured("binary", 200, accuracy=0.9) + f"{CANARY}\n"}
    labels = {"l.csv": good + bad, "g.jsonl": records_, "x.csv": f"{CANARY}\n"}
    found = checked(tmp_path, "binary", captures, labels)
    assert len(found["problems"]) >= 5
    assert not _TRACE.search(json.dumps(found["problems"]) + found["sentence"] + said(capfd))
    told = MailContext(Timeline().monitor, CheckKeys("churn", Kind.QUALITY, 3, NOW), "", found)
    for mail in (Mail.QUALITY, Mail.QUALITY_FELL, Mail.QUALITY_RECOVERED):
        written = about(mail, told, DEPLOYMENT)
        assert not _TRACE.search(written.subject + written.text + json.dumps(dict(written.machine)))


def test_a_test_file_of_the_users(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    schema = traffic.schema() | {"run": "churn-1a2b3c4d"}
    frame = pd.DataFrame(
        {"age": np.arange(60).astype(str), "plan": "basic", "churned": ["no", "yes"] * 30, "customer": CANARY}
    )
    frame.loc[3, "age"] = frame.loc[5, "churned"] = frame.loc[7, "plan"] = CANARY
    notes = Notes()
    files = tables.laid_down(tmp_path, {"t.csv": frame.to_csv(index=False)})
    read_uploaded(files, schema, {}, notes)
    assert {"stray-words", "test-classes-unknown"} <= {warned.code for warned in notes.warnings}
    assert not _TRACE.search("".join(warned.sentence for warned in notes.warnings) + said(capfd))
    frame["age"] = CANARY
    files = tables.laid_down(tmp_path, {"t.csv": frame.to_csv(index=False)})
    with pytest.raises(Refusal) as refused:
        read_uploaded(files, schema, {}, Notes())
    assert not _TRACE.search(str(refused.value))


@pytest.mark.parametrize(
    "broken", [{"version": CANARY}, {"version": 1, "task": CANARY, "rows": {CANARY: CANARY}}, CANARY]
)
def test_a_document_that_lambda_cannot_read_is_told_without_what_it_holds(broken: Any) -> None:
    text = json.dumps(broken).encode()
    block = json.dumps({"sagerelay": broken}).encode()
    check = CheckKeys("churn", Kind.DRIFT, 3, NOW)
    for found in (read_schema(text), read_evaluation(block), read_result(check, text), read_result(check, text[:-3])):
        assert not re.search(f'"{CANARY}"|input_value', repr(found))
