"""A person decides: the gate is passed, the candidate waits, and the model registry is where the answer is given."""

from __future__ import annotations

import pytest

from local.mailbox import Mail
from tests.end_to_end import tables
from tests.end_to_end.conftest import UNTUNED, User

pytestmark = pytest.mark.xdist_group("end_to_end")

DATASETS = ("declined", "overtaken")
BY_HAND = UNTUNED + "target: churned\ngate: {approval: manual}\n"


@pytest.fixture(scope="module")
def waiting(user: User) -> dict[str, Mail]:
    """Two datasets whose models wait for approval, and the mails that ask for it."""
    for dataset in DATASETS:
        user.puts(f"datasets/{dataset}/relay.yaml", BY_HAND.encode())
        user.puts(f"datasets/{dataset}/train/jan.csv", tables.text().encode())
    return {dataset: user.waits_for_mail(dataset) for dataset in DATASETS}


def packages(user: User, dataset: str) -> list[dict[str, str]]:
    """The versions in the model registry, newest first."""
    listed = user.cloud.client("sagemaker").list_model_packages(
        ModelPackageGroupName=f"sagerelay-{dataset}", SortBy="CreationTime", SortOrder="Descending"
    )
    found: list[dict[str, str]] = listed["ModelPackageSummaryList"]
    return found


def decides(user: User, dataset: str, status: str) -> None:
    newest = packages(user, dataset)[0]
    user.cloud.client("sagemaker").update_model_package(
        ModelPackageArn=newest["ModelPackageArn"], ModelApprovalStatus=status
    )


def test_nothing_is_live_before_somebody_has_approved(user: User, waiting: dict[str, Mail]) -> None:
    for dataset, mail in waiting.items():
        assert (mail.attributes["kind"], mail.attributes["severity"]) == ("approval-needed", "warning")
        assert f"model package group sagerelay-{dataset}" in mail.body
        assert [package["ModelApprovalStatus"] for package in packages(user, dataset)] == ["PendingManualApproval"]
        assert f"sagerelay-{dataset}" not in user.endpoints()
        user.sees_no_endpoint(mail.attributes["run"])  # waiting costs nothing


@pytest.fixture(scope="module")
def newer(user: User, waiting: dict[str, Mail]) -> Mail:
    """The mail about newer data of one of them, which asks for approval again."""
    user.puts("datasets/overtaken/train/feb.csv", tables.text(tables.rows()[::2]).encode())
    return user.waits_for_mail("overtaken", after=1)


def test_newer_data_supersedes_what_waits_and_its_run_goes_on(
    user: User, waiting: dict[str, Mail], newer: Mail
) -> None:
    first_run = waiting["overtaken"].attributes["run"]

    assert newer.attributes["kind"] == "approval-needed"
    assert newer.attributes["run"] != first_run
    user.waits_until(lambda: packages(user, "overtaken")[-1]["ModelApprovalStatus"] == "Rejected", "a superseded model")
    user.sees_no_endpoint(first_run)
    statuses = [package["ModelApprovalStatus"] for package in packages(user, "overtaken")]
    assert statuses == ["PendingManualApproval", "Rejected"]


def test_a_model_goes_live_by_the_command_of_its_mail(user: User, newer: Mail) -> None:
    """One with another before it, which changes nothing about the decision."""
    user.waits_until(lambda: packages(user, "overtaken")[-1]["ModelApprovalStatus"] == "Rejected", "a superseded model")
    [command] = [line for line in newer.body.splitlines() if line.startswith("  aws sagemaker update-model-package")]
    user.types(command)

    mail = user.waits_for_mail("overtaken", after=2)

    assert (mail.attributes["kind"], mail.attributes["run"]) == ("promoted", newer.attributes["run"])
    assert len(user.asks("overtaken", "Bonn,60,1900\n")) == 1
    user.sees_no_endpoint("overtaken-")
    statuses = [package["ModelApprovalStatus"] for package in packages(user, "overtaken")]
    assert statuses == ["Approved", "Rejected"]


def test_a_declined_model_is_rejected_and_its_endpoint_removed(user: User, waiting: dict[str, Mail]) -> None:
    decides(user, "declined", "Rejected")

    mail = user.waits_for_mail("declined", after=1)

    assert mail.attributes["kind"] == "rejected"
    assert "It was declined in the model registry." in mail.body
    user.sees_no_endpoint("declined")
    user.cloud.bus.wait_idle(120)
    assert len(user.mails("declined")) == 2
    assert [package["ModelApprovalStatus"] for package in packages(user, "declined")] == ["Rejected"]
