"""A random forest of a user's own, from docs/algorithms.md as it stands there: tuned, promoted, asked."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from local.mailbox import Mail
from tests.end_to_end import tables
from tests.end_to_end.conftest import User

pytestmark = pytest.mark.xdist_group("end_to_end")

DATASET = "forest"
PAGE = (Path(__file__).parents[2] / "docs" / "algorithms.md").read_text(encoding="utf-8")


def example(kind: str) -> str:
    """The page's example of this kind."""
    (found,) = re.findall(rf"<!-- forest -->\n```{kind}\n(.*?)```", PAGE, re.DOTALL)
    return found


@pytest.fixture(scope="module")
def mail(user: User) -> Mail:
    user.puts(f"datasets/{DATASET}/relay.yaml", example("yaml").replace("trials: 20", "trials: 2").encode())
    user.puts(f"datasets/{DATASET}/code/train.py", example("python").encode())
    user.puts(f"datasets/{DATASET}/train/jan.csv", tables.text().encode())
    return user.waits_for_mail(DATASET)


def test_it_is_tuned_trained_and_promoted(mail: Mail, user: User) -> None:
    assert mail.attributes["kind"] == "promoted", mail.body
    run = mail.attributes["run"]
    trials = json.loads(user.reads(f"runs/{run}/tuning/trials.json"))
    assert {trial["status"] for trial in trials["trials"]} == {"Completed"}
    assert user.evaluation(run)["metrics"]["auc"]["value"] > 0.8


def test_its_endpoint_answers_in_the_user_s_words(mail: Mail, user: User) -> None:
    assert mail
    young, old = user.asks(DATASET, "Bonn,20,1000\nBonn,60,1900\n")
    assert young.startswith("no,")
    assert old.startswith("yes,")
