"""Last week as the exam: what a candidate would change of the answers that callers were given; never a failure."""

from __future__ import annotations

import copy
import csv
import io
import json
from argparse import Namespace
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from botocore.exceptions import ClientError

from jobs.capture import Tally, recent
from jobs.encoding.text import UnreadableCellError
from jobs.evaluate import captured_rows
from jobs.evaluate.__main__ import evaluate
from jobs.evaluate.best import Archives, Model, UnfitError
from jobs.evaluate.exam import Captured, Exam, Mark, document
from jobs.evaluate.on_traffic import Sitting, on_traffic
from tests.capture.test_fetch import Bucket, refused
from tests.evaluate.trained import LIVE, Trained, train, write_files
from tests.report.pages import Page

PREFIX = "capture/sagerelay-clinic/AllTraffic/"
GIVEN: Any = {"bucket": "b", "prefix": PREFIX, "since": "2026-11-08T00:00:00Z", "until": "2026-11-15T12:00:00Z"}


class Listed(Bucket):
    """A bucket that is listed, too; `page`: how many at once at most."""

    page = 1_000

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        after = request.get("StartAfter", "")
        found = sorted(key for key in self.objects if key.startswith(request["Prefix"]) and key > after)
        most = min(self.page, request["MaxKeys"])
        contents = [{"Key": key, "Size": len(self.objects[key]), "ETag": f'"tag-{key}"'} for key in found[:most]]
        return {"Contents": contents, "IsTruncated": len(found) > most}


def record(request: str, answer: str, *, at: str = "2026-11-12T10:00:00Z", attributes: str | None = None) -> str:
    sides = {"endpointInput": {"data": request, "encoding": "CSV", "observedContentType": "text/csv"},
             "endpointOutput": {"data": answer, "encoding": "CSV", "observedContentType": "text/csv"}}  # fmt: skip
    about: dict[str, Any] = {"eventId": "e", "inferenceTime": at}
    if attributes:
        about["customAttributes"] = [attributes]
    return json.dumps({"captureData": sides, "eventMetadata": about, "eventVersion": "0"}) + "\n"


def asked(live: Trained, rows: range, **about: Any) -> str:
    """A record of these test rows, as the live model answered them."""
    text = live.test.drop(columns="target").iloc[rows.start : rows.stop].to_csv(index=False)
    return record(text, live.answer(text), **about)


def bucket(*records: str, hour: str = "2026/11/12/10") -> Listed:
    return Listed({f"{PREFIX}{hour}/00-00-000-a.jsonl": "".join(records).encode()})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module", params=["binary", "regression"])
def models(request: pytest.FixtureRequest, folder: Path) -> tuple[Trained, Trained, Archives]:
    """Candidate, live model, and the candidate's archives."""
    made, live = train(request.param, rounds=8), train(request.param, rounds=1, max_depth=1)
    here = folder / request.param
    write_files(made, here, encoder=True)
    return made, live, Archives(here / "model/model.tar.gz", here / "encoder/model.tar.gz")


def sitting(models: tuple[Trained, Trained, Archives], **changes: Any) -> Sitting:
    made, live, archives = models
    given = {"schema": made.schema, "archives": archives, "live": live.schema, "mark": Mark(2.5)}
    return Sitting(**{**given, **changes})


def answers(model: Trained, rows: range) -> list[str]:
    """The first field of each: a label, or a number."""
    text = model.test.drop(columns="target").iloc[rows.start : rows.stop].to_csv(index=False)
    return [line[0] for line in csv.reader(io.StringIO(model.answer(text)))]


def test_what_would_change_for_callers_is_told(models: tuple[Trained, Trained, Archives]) -> None:
    made, live, _ = models
    mine, others = range(60), range(60, 90)
    there = bucket(
        asked(live, range(30)),
        asked(live, range(30, 60), at="2026-11-13T10:00:00Z"),
        asked(made, others, attributes="sagerelay=evaluation"),
        asked(made, others, at="2026-11-07T23:00:00Z"),  # an earlier model's
        "no record\n",
    )

    told: Any = on_traffic(GIVEN, sitting(models), lambda: there)

    was, now = answers(live, mine), answers(made, mine)
    assert (told["rows"], told["unread"], told["refused"]) == (60, 1, 0)
    assert told["window"] == {"from": "2026-11-12T10:00:00Z", "to": "2026-11-13T10:00:00Z"}
    assert "On 60 rows of captured traffic of 2026-11-12 to 2026-11-13 the new model" in told["sentence"]
    assert told["sentence"].endswith("1 captured record could not be read.")
    if made.schema["classes"]:
        changed = [pair for pair in zip(was, now, strict=True) if pair[0] != pair[1]]
        assert 0 < len(changed) < 30
        assert told["changed"] == pytest.approx(len(changed) / 60)
        assert {(one["was"], one["now"]): one["rows"] for one in told["changes"]} == {
            pair: changed.count(pair) for pair in set(changed)
        }
        assert told["mean_difference"] is None
    else:
        apart = np.abs(np.array(was, float) - np.array(now, float))
        assert told["mean_difference"] == pytest.approx(apart.mean(), rel=1e-5)
        assert told["largest_difference"] == pytest.approx(apart.max(), rel=1e-5)
        assert (told["beyond"], told["beyond_what"]) == (pytest.approx(np.mean(apart > 2.5)), "error")
        assert told["changed"] is None


def test_the_same_model_changes_nothing(models: tuple[Trained, Trained, Archives]) -> None:
    made, _, _ = models
    told: Any = on_traffic(GIVEN, sitting(models), lambda: bucket(asked(made, range(40))))
    assert told["rows"] == 40
    assert (told["changed"] or 0, told["mean_difference"] or 0, told["largest_difference"] or 0) == (0, 0, 0)
    assert ("changes none of" in told["sentence"]) or ("says the same numbers as" in told["sentence"])


def test_without_traffic_there_is_none_yet_and_in_batch_nothing_to_tell(
    models: tuple[Trained, Trained, Archives],
) -> None:
    told: Any = on_traffic(GIVEN, sitting(models), lambda: Listed({}))
    assert (told["rows"], told["changed"]) == (0, None)
    assert told["sentence"].startswith("No traffic of the live model has been captured yet")
    assert on_traffic(GIVEN, sitting(models, is_batch=True), lambda: Listed({})) is None
    assert on_traffic(None, sitting(models), lambda: Listed({})) is None
    marked = bucket(asked(models[1], range(3), attributes="sagerelay=drill-7"))
    told = on_traffic(GIVEN, sitting(models), lambda: marked)
    assert "callers have not asked the live one yet" in told["sentence"]


def test_other_columns_are_said(models: tuple[Trained, Trained, Archives]) -> None:
    _, live, _ = models
    fewer = copy.deepcopy(live.schema)
    gone = next(one for one in fewer["columns"] if one["kind"] == "numeric")
    fewer["columns"].remove(gone)
    there = bucket(asked(live, range(5)))

    told: Any = on_traffic(GIVEN, sitting(models, live=fewer), lambda: there)
    assert f'it uses "{gone["name"]}", which callers do not send yet' in told["sentence"]

    told = on_traffic(GIVEN, sitting(models, live={**live.schema, "target": "outcome"}), lambda: there)
    assert 'the live model predicts "outcome", it "target"' in told["sentence"]

    more = copy.deepcopy(live.schema)
    more["columns"].insert(0, {"name": "new", "kind": "numeric", "used": True})
    told = on_traffic(GIVEN, sitting(models, live=more), lambda: there)
    assert (told["rows"], told["unread"]) == (0, 0)
    assert "No captured request could be used to try the new model on. 1 record is" in told["sentence"]


def test_whatever_s3_says_is_a_sentence(models: tuple[Trained, Trained, Archives]) -> None:
    there = bucket(asked(models[1], range(5)))
    there.failures = [refused("AccessDenied", 403)]
    told: Any = on_traffic(GIVEN, sitting(models), lambda: there)
    assert "cannot be read from S3 after 1 try" in told["sentence"]

    def shut() -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListObjectsV2")

    told = on_traffic(GIVEN, sitting(models), shut)
    assert (told["rows"], "ClientError" in told["sentence"]) == (0, True)
    told = on_traffic(GIVEN, sitting(models, archives=Archives(None, None)), lambda: bucket(asked(models[1], range(5))))
    assert "Its model.tar.gz is gone." in told["sentence"]


def test_a_failure_that_may_quote_a_cell_is_told_by_class_and_place(
    models: tuple[Trained, Trained, Archives], capfd: pytest.CaptureFixture[str]
) -> None:
    cell = "Ada"

    def quoting() -> Any:
        return float(cell)

    told: Any = on_traffic(GIVEN, sitting(models), quoting)

    log = capfd.readouterr()
    assert "about captured traffic: ValueError in jobs/evaluate/on_traffic.py, line " in told["sentence"]
    assert "return float(cell)" in log.err
    assert cell not in told["sentence"] + log.out + log.err


@pytest.mark.parametrize(("odd", "said"), [(2, "It refuses 2 other rows"), (51, "It refuses 51 of")])
def test_rows_that_the_candidate_does_not_take_are_counted(
    models: tuple[Trained, Trained, Archives], odd: int, said: str
) -> None:
    made, live, _ = models
    words = copy.deepcopy(live.schema)
    column = next(one for one in words["columns"] if one["kind"] == "numeric")
    column["kind"] = "categorical"
    rows = live.test.drop(columns="target").iloc[:80].astype({column["name"]: object})
    rows.iloc[:odd, list(rows.columns).index(column["name"])] = "many"
    answer = "\n".join(live.answer(live.test.drop(columns="target").iloc[:80].to_csv(index=False)).splitlines())
    there = bucket(record(rows.to_csv(index=False), answer))

    told: Any = on_traffic(GIVEN, sitting(models, live=words), lambda: there)

    assert said in told["sentence"]
    assert f'in the column "{column["name"]}"' in told["sentence"]
    assert told["rows"] == (80 - odd if odd < 51 else 0)
    assert made.schema["task"] == live.schema["task"]


def test_a_refused_column_s_name_breaks_no_sentence() -> None:
    def refusing(_: Any, __: Any) -> Any:
        raise UnreadableCellError(1, "a\nb", "many", "a number")

    schema: Any = {"target": "t", "columns": [{"name": "a\nb"}]}
    with pytest.raises(UnfitError, match=r'in the column "a\\nb"\.$'):
        captured_rows.asked(Model(schema, refusing, np.argmax), pa.table({"a\nb": ["many"] * 60}))


def test_numbers_are_held_against_the_interval_where_there_is_one() -> None:
    def interval(scores: Any) -> Any:
        return np.column_stack([scores[:, 0] - 1, scores[:, 0] + 1])

    schema: Any = {"classes": None}
    model = Model(schema, lambda *_: np.zeros(0), lambda scores: np.zeros(len(scores), np.int64), interval)
    captured = Captured(pa.table({}), np.array([10.0, 10.5, 13.0, 20.0]), None, Tally())
    told = document(Exam(captured, np.full((4, 1), 10.0), model, Counter()), Mark(0.1, 0.5))
    assert (told["beyond"], told["beyond_what"], told["mean_difference"]) == (0.5, "interval", 13.5 / 4)
    assert told["sentence"].endswith("interval that it gives in 50.0 % of the rows. On the test rows it is 0.5000.")


def test_a_quiet_endpoint_takes_one_listing_and_a_busy_one_its_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    since, until = datetime(2026, 11, 15, 3, 20, tzinfo=UTC), datetime(2026, 11, 15, 6, 10, tzinfo=UTC)
    hours = [since.replace(minute=0) + timedelta(hours=number) for number in range(-2, 4)]
    names = [f"{PREFIX}{hour:%Y/%m/%d/%H}/{number:02d}.jsonl" for hour in hours for number in range(9)]
    there = Listed(dict.fromkeys(names, b"{}"))

    found = recent.recent(there, "b", PREFIX, since, until)
    assert [one["key"] for one in found] == names[18:]
    assert len(there.requests) == 1

    there.page = 12
    monkeypatch.setattr(recent, "MOST_FILES", 8)
    found = recent.recent(there, "b", PREFIX, since, until)
    assert [one["key"][len(PREFIX) :] for one in found] == [
        f"2026/11/15/{hour:02d}/{number:02d}.jsonl" for hour in (3, 4, 5, 6) for number in (0, 1)
    ]
    assert len(there.requests) == 1 + 1 + 4


class Endpoints:
    """What of boto3's client an evaluation calls."""

    def __init__(self, **models: Trained) -> None:
        self.models = models

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        model = self.models["live" if request["EndpointName"] == LIVE["endpoint"] else "candidate"]
        return {"Body": io.BytesIO(model.answer(request["Body"].decode()).encode())}


def test_the_job_writes_it_and_its_page_says_it(tmp_path: Path) -> None:
    made, live = train("multiclass", rounds=4), train("multiclass", rounds=1, max_depth=1)
    write_files(made, tmp_path, live=True, encoder=True)
    context = json.loads((tmp_path / "context/context.json").read_text())
    (tmp_path / "context/context.json").write_text(json.dumps({**context, "traffic": GIVEN, "settings": {}}))
    arguments = Namespace(
        context=tmp_path / "context/context.json", prepared=tmp_path / "prepared", test=tmp_path / "test",
        model=tmp_path / "model", output=tmp_path / "output", live_schema=tmp_path / "live/schema.json",
        encoder=tmp_path / "encoder/model.tar.gz", trials=None, best=None, best_encoder=None, answered=None,
        answered_live=None, comparison=None,
    )  # fmt: skip
    rows = range(len(live.test))

    evaluate(arguments, Endpoints(candidate=made, live=live), s3=lambda: bucket(asked(live, rows)))

    told = json.loads((tmp_path / "output/evaluation.json").read_text())["sagerelay"]["on_traffic"]
    share = np.mean([was != now for was, now in zip(answers(live, rows), answers(made, rows), strict=True)])
    assert (told["rows"], told["changed"]) == (len(rows), pytest.approx(share))
    assert told["on_test_rows"] == pytest.approx(share)  # the traffic was the test rows
    assert told["sentence"] in " ".join(Page((tmp_path / "output/report.html").read_text()).text.split())
