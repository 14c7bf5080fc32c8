"""`ops explain`: a file's rows to the endpoint and back, and what is said where nothing can be."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from chalicelib.serving_mode import Mode
from ops.explaining import asking, telling
from ops.explaining.rows import Rows, of_file, of_lines
from ops.target import OpsError
from tests.ops.test_rollback import Account
from tests.ops.world import RUN, World
from tests.records.test_going_back import SERVED

NAMES = ("age", "job")


def answered(cells: Sequence[str], **more: Any) -> dict[str, Any]:
    """As the endpoint says it, of a model that adds up tenths of the age."""
    part = {
        "class": "yes",
        "base": -4.0,
        "score": int(cells[0]) / 10 - 4.5,
        "contributions": {"age": int(cells[0]) / 10, "job": -0.5},
    }
    explained = {"scale": "log-odds", "parts": [part]}
    return {"label": "yes", "probabilities": {"no": 0.25, "yes": 0.75}, "explanation": explained, **more}


@dataclass
class Runtime:
    """An endpoint that explains at most `most` rows at a time, and refuses the age "old"."""

    most: int = 100
    more: dict[str, Any] = field(default_factory=dict)
    sent: list[tuple[str, int]] = field(default_factory=list)

    def invoke_endpoint(self, **request: Any) -> Any:
        lines = request["Body"].decode().splitlines()
        rows = [line.split(",") for line in lines if line != "age,job"]
        self.sent.append((request["CustomAttributes"], len(rows)))
        if len(rows) > self.most:
            raise refusal(413, "too many")
        for number, row in enumerate(rows, 1):
            if row[0] == "old":
                raise refusal(400, f'row {number}: column "age" should hold a number')
        return {"Body": io.BytesIO("\n".join(json.dumps(answered(row, **self.more)) for row in rows).encode())}


def refusal(status: int, sentence: str) -> ClientError:
    said = {"OriginalStatusCode": status, "OriginalMessage": json.dumps({"error": sentence})}
    response: Any = {"Error": {"Code": "ModelError", "Message": "no"}, **said}
    return ClientError(response, "InvokeEndpoint")


def numbered(count: int) -> Rows:
    return Rows(NAMES, [[str(number), "x"] for number in range(count)], headed=True)


def test_rows_go_out_in_parts_that_the_endpoint_takes_and_come_back_in_order() -> None:
    runtime = Runtime(most=7)
    found = list(asking.ask(runtime, "e", numbered(23)))
    assert [part["explanation"]["parts"][0]["contributions"]["age"] for part in found] == [n / 10 for n in range(23)]
    assert [count for _, count in runtime.sent] == [20, 10, 5, 5, 5, 5, 3]
    assert {attributes for attributes, _ in runtime.sent} == {"explain=true,sagerelay=explain"}


@pytest.mark.parametrize(
    ("rows", "runtime", "why"),
    [
        (Rows(NAMES, [*numbered(21).rows, ["old", "x"]], headed=True), Runtime(), 'row 22: column "age"'),
        (numbered(1), Runtime(most=0), "too many"),
    ],
)
def test_what_the_endpoint_refuses_it_says_of_the_row_of_the_file(rows: Rows, runtime: Runtime, why: str) -> None:
    with pytest.raises(OpsError, match=why):
        list(asking.ask(runtime, "e", rows))


def test_a_file_is_read_with_or_without_a_header_and_only_as_far_as_asked(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.csv", tmp_path / "a.csv.gz"
    plain.write_text('\ufeffjob,age,y\n"a ""b"", c",1,no\n\nd,2,yes\ne,3,no\n', encoding="utf-8")
    packed.write_bytes(gzip.compress(b"1,d\n2,e\n"))
    read = of_file(plain, NAMES, "y", 2)
    assert read == Rows(["job", "age", "y"], [['a "b", c', "1", "no"], ["d", "2", "yes"]], headed=True)
    assert read.body(0, 1) == 'job,age,y\n"a ""b"", c",1,no\n'
    assert of_file(packed, NAMES, "y", 9).body(1, 1) == "2,e\n"
    for content, why in ((b"age,job\n", "holds no row"), (b"", "holds no row"), (b"a,\xff\n", "not UTF-8")):
        plain.write_bytes(content)
        with pytest.raises(OpsError, match=why):
            of_file(plain, NAMES, "y", 9)
    with pytest.raises(OpsError, match="cannot be read"):
        of_file(tmp_path / "none.csv", NAMES, "y", 9)


def shown(rows: Rows, answers: Any, most: int) -> str:
    console = Console(width=80, file=io.StringIO(), force_terminal=False)
    console.print(telling.heading(answers, "y"))
    console.print(telling.as_table(rows, answers, most))
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_the_strongest_columns_of_each_row_stand_first_with_their_values() -> None:
    rows = of_lines(["58,\x1b[2Jclerk in a very large office"], NAMES, "y", 9)
    text = shown(rows, [answered(rows.rows[0])], 1)
    for part in ('log-odds of "yes"', "yes 75.0 %", "score 1.3", "age", "58", "+5.8", "1 other ", "−0.5"):
        assert part in text
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in shown(rows, [answered(rows.rows[0])], 2)


def test_of_several_classes_the_answered_one_is_held_against_the_mean_of_all() -> None:
    parts = [
        {"class": name, "base": base, "score": score, "contributions": {"age": score - base}}
        for name, base, score in (("low", 0.0, 1.0), ("mid", 0.0, 2.0), ("high", 3.0, 6.0))
    ]
    answer = {"label": "high", "probabilities": {"low": 0.1, "mid": 0.2, "high": 0.7},
              "explanation": {"scale": "softmax", "parts": parts}}  # fmt: skip
    assert telling.parts_of(answer) == ({"age": 1.0}, 3.0)
    told = shown(of_lines(["58"], ["age"], "y", 9), [answer], 1)
    assert re.search(r"│ the base .*\+2 ", told)  # so that what is shown adds up to the score of 3
    number = {"prediction": 9.0, "explanation": {"scale": "number", "parts": [{**parts[2], "class": None}]}}
    assert telling.parts_of(number) == ({"age": 3.0}, None)


def test_a_model_that_explains_nothing_says_so_for_people_and_programs() -> None:
    served = asking.Served("e", "churn-1a2b3c4d", NAMES, "y")
    told = answered(["1"]) | {"explanation": {"undefined": "It has only numbers."}}
    assert telling.as_document(served, "churn", "a.csv", [told])["undefined"] == "It has only numbers."
    without = {name: value for name, value in told.items() if name != "explanation"}
    assert "trained by a release" in str(telling.why_not([without], served.run))
    found = telling.as_document(served, "churn", "a.csv", [answered(["1"])])
    assert (found["undefined"], found["rows"][0]["row"], found["rows"][0]["label"]) == (None, 1, "yes")


def test_where_no_endpoint_answers_it_is_said_what_to_do() -> None:
    with pytest.raises(OpsError, match="has no live model"):
        asking.served(replace(World(lambda _drill, _rows: {}).target(), table=None), "elsewhere")
    assert SERVED.live is not None
    batch = Account(replace(SERVED, live=replace(SERVED.live, mode=Mode.BATCH)))
    with pytest.raises(OpsError, match=r"mode batch.*serverless"):
        asking.served(batch.target, "churn")
    with pytest.raises(OpsError, match="no endpoint sagerelay-churn: somebody has deleted it"):
        asking.served(Account(SERVED).target, "churn")


def test_the_live_endpoint_s_run_says_which_columns_it_takes() -> None:
    found = asking.served(replace(World(lambda _drill, _rows: {}).target(), table=None), "churn")
    assert found == asking.Served("sagerelay-churn", RUN, ("id", "age", "income", "plan"), "churned")
