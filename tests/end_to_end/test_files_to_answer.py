"""Files in score/, as people upload them: each is answered by a file or by a mail that says why not."""

from __future__ import annotations

import csv
import io

import pytest

from local.mailbox import Mail
from tests.end_to_end import tables
from tests.end_to_end.conftest import User

pytestmark = [pytest.mark.xdist_group("end_to_end"), pytest.mark.slow]

DATASET = "asked"
SETTINGS = b"tuning: {enabled: false}\ntarget: churned\ngate: {max_loss: 0.5}\n"
INPUTS = tables.HEADER[:-1]
ROWS = [row[:-1] for row in tables.rows(0, 60)]


def told_of(user: User, name: str, body: bytes) -> Mail:
    """The mail about a file."""
    before = len(user.mails(DATASET))
    user.puts(f"datasets/{DATASET}/score/{name}", body)
    user.waits_until(lambda: len(user.mails(DATASET)) > before, f"a mail about {name}")
    return user.mails(DATASET)[before]


def answers(user: User, name: str) -> list[dict[str, str]]:
    (key,) = [key for key in user.keys(f"predictions/{DATASET}/") if key.endswith(f"/{name}")]
    return list(csv.DictReader(io.StringIO(user.reads(key).decode("utf-8-sig"))))


def test_every_file_is_answered_by_a_file_or_by_a_mail(user: User) -> None:
    user.puts(f"datasets/{DATASET}/relay.yaml", SETTINGS)
    assert told_of(user, "early.csv", tables.text(ROWS, INPUTS).encode()).attributes["kind"] == "score-waits"
    user.puts(f"datasets/{DATASET}/train/jan.csv", tables.text().encode())
    user.waits_until(lambda: user.mails(DATASET)[-1].attributes["kind"] == "scored", "early.csv answered at last")
    assert "before this model went live" in user.mails(DATASET)[-1].body

    refused = {
        "missing.csv": (tables.text([row[:2] for row in ROWS], INPUTS[:2]), 'there is no column "income"'),
        "norows.csv": (tables.text([], INPUTS), "there is a header and no row below it"),
        "empty.csv": ("", "the file is empty"),
    }
    for name, (body, why) in refused.items():
        mail = told_of(user, name, body.encode())
        assert (mail.attributes["kind"], why in mail.body) == ("check-failed", True), mail.body

    numbered = [[f"id-{place}", *row] for place, row in enumerate(reversed(ROWS))]
    more = tables.text(numbered, ("my id", *INPUTS)).encode()
    mail = told_of(user, "more.csv", more)
    assert (mail.attributes["kind"], '"my id" is passed through' in mail.body) == ("scored", True)
    assert [row["my id"] for row in answers(user, "more.csv")] == [row[0] for row in numbered]
    assert told_of(user, "more.csv", more).attributes["kind"] == "scored-before"

    mail = told_of(user, "known.csv", tables.text(tables.rows(0, 60)).encode())
    assert "The file holds the target" in mail.body

    odd = [["Köln", "abc", "x"], *ROWS[:5], ["Paris", "999", "1e9"]]
    mail = told_of(user, "odd.csv", tables.text(odd, INPUTS).encode("utf-16"))
    assert "has answered 6 of 7 rows" in mail.body
    assert (
        "1 row is unlike what the model learned from (flag: unlike training). Its answer may be worth less" in mail.body
    )
    found = answers(user, "odd.csv")
    assert [row["age"] for row in found] == [row[1] for row in odd]
    assert [bool(row["predicted"]) for row in found] == [False, *[True] * 6]
