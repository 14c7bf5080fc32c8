"""What a person gets who names no algorithm, beside the built-in: an ensemble replaces one booster, and back again."""

from __future__ import annotations

import json
import math
import re
import shlex
from dataclasses import dataclass, field
from typing import Any

import pytest

from local.mailbox import Mail
from tests.end_to_end import tables
from tests.end_to_end.conftest import UNTUNED, User
from tests.end_to_end.test_approval import decides

pytestmark = pytest.mark.xdist_group("end_to_end")

DATASET = "renewed"
BUILT_IN = UNTUNED + "gate: {max_loss: 0.5}\n"
BY_DEFAULT = "tuning: {enabled: false}\ngate: {max_loss: 0.5, approval: manual}\n"
ROWS = "Bonn,60,1900\nKöln,20,1000\nMünster,41,1530\n"
CONTESTANTS = ("Naive guess", "Linear model", "XGBoost with defaults", "XGBoost as given", "Ensemble")


@dataclass
class Seen:
    """Mails and the live endpoint's answers, by what was live."""

    mails: dict[str, Mail] = field(default_factory=dict)
    answers: dict[str, list[str]] = field(default_factory=dict)
    explained: dict[str, list[Any]] = field(default_factory=dict)


def at_rest(user: User) -> bool:
    stands = user.stands(DATASET)
    return stands.live is not None and not (stands.active or stands.pending)


def settles_and_waits(user: User, settings: str) -> Mail:
    """Other settings, and the next mail."""
    before = len(user.mails(DATASET))
    user.puts(f"datasets/{DATASET}/relay.yaml", settings.encode())
    return user.waits_for_mail(DATASET, after=before)


def goes_back(user: User, mail: Mail) -> list[str]:
    """What the mail about a promotion says that goes back; gives what the endpoint answers then."""
    (command,) = re.findall(r"^ *aws sagemaker update-endpoint .*$", mail.body, re.MULTILINE)
    config = shlex.split(command)[-1]
    return switches(user, config)


def explains(user: User) -> list[Any]:
    return [json.loads(line) for line in user.asks(DATASET, ROWS, CustomAttributes="explain=true")]


def switches(user: User, config: str) -> list[str]:
    endpoint = f"sagerelay-{DATASET}"
    user.cloud.client("sagemaker").update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    user.waits_until(lambda: user.status_of(endpoint) == "InService", f"{endpoint} with {config}")
    return user.asks(DATASET, ROWS)


@pytest.fixture(scope="module")
def seen(user: User) -> Seen:
    """Everything that happens, once; the tests look at what came of it."""
    seen = Seen()
    user.puts(f"datasets/{DATASET}/relay.yaml", BUILT_IN.encode())
    user.puts(f"datasets/{DATASET}/train/jan.csv", tables.text().encode())
    seen.mails["built-in"] = user.waits_for_mail(DATASET)
    user.waits_until(lambda: at_rest(user), "the built-in's run at its end")
    seen.answers["built-in"] = user.asks(DATASET, ROWS)
    seen.explained["built-in"] = explains(user)

    seen.mails["waiting"] = settles_and_waits(user, BY_DEFAULT)
    decides(user, DATASET, "Approved")
    seen.mails["ensemble"] = user.waits_for_mail(DATASET, after=2)
    user.waits_until(lambda: at_rest(user), "the ensemble's run at its end")
    seen.answers["ensemble"] = user.asks(DATASET, ROWS)
    seen.explained["ensemble"] = explains(user)
    seen.answers["back at the built-in"] = goes_back(user, seen.mails["ensemble"])
    live = user.stands(DATASET).live
    assert live is not None
    seen.answers["forward again"] = switches(user, f"{live.run}-live-{live.attempt}")

    seen.mails["again"] = settles_and_waits(user, BUILT_IN)
    user.waits_until(lambda: at_rest(user), "the second run of the built-in at its end")
    seen.answers["again"] = user.asks(DATASET, ROWS)
    seen.answers["back at the ensemble"] = goes_back(user, seen.mails["again"])
    return seen


def test_an_ensemble_waits_for_approval_and_replaces_one_booster(seen: Seen) -> None:
    kinds = {name: mail.attributes["kind"] for name, mail in seen.mails.items()}
    assert kinds == {
        "built-in": "promoted", "waiting": "approval-needed", "ensemble": "promoted", "again": "promoted",
    }  # fmt: skip
    waiting, promoted = seen.mails["waiting"], seen.mails["ensemble"]
    assert promoted.attributes["run"] == waiting.attributes["run"]
    assert f"It replaces the model of run {seen.mails['built-in'].attributes['run']}." in promoted.body
    assert "live model" in waiting.body
    assert seen.answers["ensemble"] != seen.answers["built-in"]


def test_asked_for_an_explanation_either_gives_one(seen: Seen) -> None:
    for name, answers in seen.explained.items():
        labels = [line.partition(",")[0] for line in seen.answers[name]]
        assert [answer["label"] for answer in answers] == labels
    for answer in (*seen.explained["built-in"], *seen.explained["ensemble"]):
        (part,) = answer["explanation"]["parts"]
        chance = answer["probabilities"][part["class"]]
        added = part["base"] + sum(part["contributions"].values())
        assert added == pytest.approx(part["score"], abs=1e-6)
        assert 1 / (1 + math.exp(-added)) == pytest.approx(chance, abs=1e-8)
        assert len(part["contributions"]) == 3


def test_its_mail_has_a_leaderboard_and_what_it_is_made_of(seen: Seen) -> None:
    body = seen.mails["ensemble"].body
    for title in CONTESTANTS:
        assert re.search(rf"^{title} +\d", body, re.MULTILINE), title
    shares = [int(share) for share in re.findall(r" (\d+)%[,.]", body.partition("The ensemble is made of: ")[2])]
    assert shares == sorted(shares, reverse=True)
    assert "What it is worth" not in seen.mails["built-in"].body


def test_the_way_back_to_one_booster_and_to_an_ensemble_is_the_mail_s_command(seen: Seen) -> None:
    assert seen.answers["back at the built-in"] == seen.answers["built-in"]
    assert seen.answers["forward again"] == seen.answers["ensemble"]
    assert seen.answers["again"] == seen.answers["built-in"], "the same rows and settings are the same model"
    assert seen.answers["back at the ensemble"] == seen.answers["ensemble"]


def test_the_built_in_is_packed_and_one_container_as_an_ensemble_is(seen: Seen, user: User) -> None:
    sagemaker = user.cloud.client("sagemaker")

    def containers(name: str) -> int:
        config = f"{seen.mails[name].attributes['run']}-live-1"
        (variant,) = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
        model = sagemaker.describe_model(ModelName=variant["ModelName"])
        return len(model.get("Containers") or [model["PrimaryContainer"]])

    assert [containers(name) for name in ("ensemble", "again")] == [1, 1]
    run = seen.mails["again"].attributes["run"]
    assert user.keys(f"runs/{run}/packed/") == [f"runs/{run}/packed/model.tar.gz"]


@pytest.mark.slow
def test_a_file_dropped_without_any_settings_is_live_with_a_leaderboard(user: User) -> None:
    user.puts("datasets/bare/train/jan.csv", tables.text().encode())

    mail = user.waits_for_mail("bare")

    assert mail.attributes["kind"] == "promoted"
    assert re.search(r"^Ensemble +\d", mail.body, re.MULTILINE)
    assert "Best single trial of 20 (validation:logloss" in mail.body
    inputs = json.loads(user.reads(f"runs/{mail.attributes['run']}/inputs.json"))
    assert inputs["settings"]["algorithm"] == "auto"
    assert "to keep that, write" not in mail.body
    (yes, no) = user.asks("bare", "Bonn,60,1900\nKöln,20,1000\n")
    assert (yes.split(",")[0], no.split(",")[0]) == ("yes", "no")
