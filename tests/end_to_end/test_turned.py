"""A model that tests well and serves badly: what it would change is told beforehand, and labels bring the old one back.

The second file says the opposite of the first, so that its model is good on its own test rows; callers' rows turn out
as in the first.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.end_to_end import tables
from tests.end_to_end.conftest import UNTUNED, User

pytestmark = [pytest.mark.xdist_group("end_to_end"), pytest.mark.slow]

DATASET = "turned"
SETTINGS = (
    UNTUNED + "target: churned\nmonitoring: {min_rows: 30, min_labels: 30, metric: accuracy, rollback: itself}\n"
    "endpoint: {instance: ml.m5.large, rollout: {bake_minutes: 0}}\n"
)
OTHER = {"yes": "no", "no": "yes"}


def trains(user: User, rows: list[list[str]]) -> Any:
    """This file and no other, until its model is live; gives the mail."""
    before = len(user.mails(DATASET))
    user.puts(f"datasets/{DATASET}/train/one.csv", tables.text(rows).encode())
    mail = user.waits_for_mail(DATASET, after=before)
    assert mail.attributes["kind"] == "promoted", mail.body
    user.waits_until(lambda: not user.stands(DATASET).active, "the run at its end")
    return mail


def captured(user: User) -> int:
    """Records of callers."""
    texts = [user.reads(key).decode() for key in user.keys(f"capture/sagerelay-{DATASET}/")]
    return sum("inference-id=" in line for text in texts for line in text.splitlines())


def asks(user: User, rows: list[list[str]], first: int) -> None:
    """One by one, each with an id among the custom attributes."""
    for number, row in enumerate(rows, first):
        user.asks(DATASET, ",".join(row[:-1]) + "\n", CustomAttributes=f"trace=7,inference-id=order-{number}")


def test_what_serves_badly_is_told_beforehand_and_taken_back(user: User) -> None:
    user.puts(f"datasets/{DATASET}/relay.yaml", SETTINGS.encode())
    trains(user, tables.rows())
    good = user.stands(DATASET).live
    asks(user, tables.rows(1000, 60), 0)
    user.waits_until(lambda: captured(user) == 60, "60 captured records")

    mail = trains(user, [[*row[:-1], OTHER[row[-1]]] for row in tables.rows()])
    bad = user.stands(DATASET).live
    assert good
    assert bad
    assert "On 60 rows of captured traffic" in mail.body
    share = user.evaluation(bad.run)["on_traffic"]["changed"]
    assert share > 0.7

    asks(user, tables.rows(2000, 60), 100)
    user.waits_until(lambda: captured(user) == 120, "120 captured records")
    told = "".join(f"order-{number},{row[-1]}\n" for number, row in enumerate(tables.rows(2000, 60), 100))
    user.puts(f"datasets/{DATASET}/labels/new.csv", f"inference_id,label\n{told}".encode())
    user.waits_until(lambda: (live := user.stands(DATASET).live) and live.run == good.run, "the old model back")

    live, previous = user.stands(DATASET).live, user.stands(DATASET).previous
    assert live
    assert live.back
    assert previous == bad
    user.waits_until(lambda: user.mails(DATASET)[-1].attributes["kind"] == "rolled-back", "its mail")
    fell, back = user.mails(DATASET)[-2:]
    assert fell.attributes["kind"] == "quality-fell"
    assert "was asked, once, to go back to it" in fell.body
    assert f"The model before it (run {good.run}) on the same 60 rows: Accuracy" in back.body
    assert f"python -m ops rollback {DATASET}" in back.body
    [key] = user.results(DATASET, "quality.json")
    before = json.loads(user.reads(key))["before"]
    assert (before["better"], before["rows"]) == (True, 60)
    assert before["value"] > 0.8 > 0.3 > before["live"]
